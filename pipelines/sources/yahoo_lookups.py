"""Yahoo's search, news and statements in the shape that all providers share: pure.

Belongs here: the fields that are read, checked for type, and what they mean. Does not: asking for them (`yahoo`).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import polars as pl
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel, to_snake

from pipelines.sources.base import PriceRequest
from pipelines.sources.lookups import STATEMENTS, Article, Match, StatementKind
from pipelines.sources.yahoo_answer import GarbledError, UnreadableError, read_json, same_ticker
from pipelines.sources.yahoo_codes import ASSET_CLASS, MIC

_PERIODS = ("annual", "quarterly")
Amount = Annotated[Decimal, Field(gt=-(10**20), lt=10**20)]
Moment = Annotated[int, Field(strict=True, ge=946_684_800, le=250_000_000_000)]
"""Seconds since 1970, in this century: no article is older, and a year is no moment."""
_PLACES = Decimal("1E-8")

Shape = TypeVar("Shape")


def _exact(text: str) -> str:
    text.encode()  # half a character is a ValueError: without it, the text would name something else
    return text


def _or_none(value: object) -> object:
    return [] if value is None else value


Exact = Annotated[str, AfterValidator(_exact)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class _Listed(_Answer):
    symbol: Exact | None = None
    """Absent where the find is no instrument but a private company."""
    quote_type: str | None = None
    exchange: str | None = None
    exch_disp: str | None = None
    longname: str | None = Field(default=None, alias="longname")
    shortname: str | None = Field(default=None, alias="shortname")


class _Item(_Answer):
    title: str
    link: Exact = Field(pattern=r"^https?://")
    publisher: str | None = None
    published: Moment = Field(alias="providerPublishTime")
    related_tickers: Annotated[list[str], BeforeValidator(_or_none)] = []


class _Quotes(_Answer):
    quotes: list[object]


class _News(_Answer):
    news: list[object]


class _Reported(_Answer):
    raw: Amount | None


class _Value(_Answer):
    ended_on: date = Field(alias="asOfDate")
    currency: str | None = Field(default=None, alias="currencyCode")
    reported: _Reported = Field(alias="reportedValue")


_LINE = TypeAdapter(list[_Value | None])
_LISTED, _ITEM = TypeAdapter(_Listed), TypeAdapter(_Item)


def read_matches(said: object) -> tuple[Match, ...]:
    """Return the instruments that a search has found, the best first; one that cannot be read is left out.

    Raises:
        GarbledError: If it has no such part.
        UnreadableError: If nothing of it is what Yahoo's search looks like, or it says why there is none.
    """
    return tuple(
        Match(
            symbol=listed.symbol,
            name=listed.longname or listed.shortname,
            asset_class=ASSET_CLASS.get(listed.quote_type or ""),
            exchange=MIC.get(listed.exchange or ""),
            region=listed.exch_disp,
        )
        for listed in _readable(_LISTED, _part(TypeAdapter(_Quotes), said).quotes)
        if listed.symbol is not None
    )


def read_articles(said: object, ticker: str) -> tuple[Article, ...]:
    """Return the articles of a search that are about the very instrument, the newest first.

    One that cannot be read, or of which nobody knows when it was published, is left out.

    Raises:
        GarbledError: If it has no such part.
        UnreadableError: If nothing of it is what Yahoo's search looks like, or it says why there is none.
    """
    items = _readable(_ITEM, _part(TypeAdapter(_News), said).news)
    about = [item for item in items if ticker in item.related_tickers]
    return tuple(
        Article(
            title=item.title,
            url=item.link,
            published_at=datetime.fromtimestamp(item.published, UTC),
            publisher=item.publisher,
            symbols=tuple(item.related_tickers),
        )
        for item in sorted(about, key=lambda item: item.published, reverse=True)
    )


def read_statements(bodies: Iterable[str], request: PriceRequest, kind: StatementKind) -> pl.DataFrame:
    """Return the lines of statements as rows, schema ``STATEMENTS``: annual ones first, the newest first.

    Amounts per share have up to eight places; where Yahoo writes more digits of a ratio they are rounded to those. Of
    two values of one line and day the later one counts, as of two bars.

    Raises:
        UnreadableError: If a body is not what Yahoo's statements look like, or of another instrument.
    """
    rows = [
        (request.symbol, kind.value, period, value.ended_on, value.currency, item, amount.quantize(_PLACES))
        for body in bodies
        for period, item, values in _lines(body, request.ticker)
        for value in values
        if value is not None and (amount := value.reported.raw) is not None
    ]
    frame = pl.DataFrame(rows, schema=STATEMENTS, orient="row")
    frame = frame.unique(["period", "ended_on", "item"], keep="last", maintain_order=True)
    return frame.sort("period", "ended_on", "item", descending=[False, True, False])


def _lines(body: str, ticker: str) -> Iterable[tuple[str, str, list[_Value | None]]]:
    """Return period, line and values of each line in a body."""
    for result in _results(body):
        meta = result.get("meta")
        told = meta.get("symbol") if isinstance(meta, dict) else None
        for name in told if isinstance(told, list) else [told]:
            if isinstance(name, str) and not same_ticker(name, ticker):
                raise UnreadableError(f"it is of {name}")
        for name, values in result.items():
            period = next((period for period in _PERIODS if name.startswith(period)), None)
            if period is not None:
                yield period, to_snake(name.removeprefix(period)), _read(_LINE, values)


def _results(body: str) -> list[dict[str, object]]:
    said = read_json(body, fraction=Decimal)
    series = said.get("timeseries") if isinstance(said, dict) else None
    return _read(TypeAdapter(list[dict[str, object]]), series.get("result") if isinstance(series, dict) else None)


def _readable(shape: TypeAdapter[Shape], parts: Sequence[object]) -> list[Shape]:
    """Return those parts of an answer that can be read.

    Raises:
        UnreadableError: If there are some and none can be read.
    """
    found, wrong = [], None
    for part in parts:
        try:
            found.append(_read(shape, part))
        except UnreadableError as error:
            wrong = wrong or error
    if wrong is not None and not found:
        raise wrong
    return found


def _part(shape: TypeAdapter[Shape], said: object) -> Shape:
    """Return a part of a search; without it, the answer is an error that comes as an answer, or nothing of Yahoo's."""
    try:
        return _read(shape, said)
    except UnreadableError as error:
        if (why := _refusal(said)) is not None:
            raise UnreadableError(why) from error
        if isinstance(said, dict) and said.keys().isdisjoint(("quotes", "news")):
            raise GarbledError("neither quotes nor news") from error
        raise


def _refusal(said: object) -> str | None:
    """Return what Yahoo says is wrong, where it says so instead of an answer."""
    finance = said.get("finance") if isinstance(said, dict) else None
    error = finance.get("error") if isinstance(finance, dict) else None
    return f"{error.get('code')}: {error.get('description')}" if isinstance(error, dict) else None


def _read(shape: TypeAdapter[Shape], said: object) -> Shape:
    try:
        return shape.validate_python(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnreadableError(f"{place}: {first['msg']}") from error
