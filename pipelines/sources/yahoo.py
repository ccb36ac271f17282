"""Yahoo Finance as a source.

Belongs here: questions to Yahoo and what its refusals mean. Does not: HTTP (`yahoo_client`), reading a chart
(`yahoo_parse`), trying again (`resilience`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipelines.sources.as_traded import OutOfRangeError
from pipelines.sources.base import RATES, Description, PriceAnswer, PriceRequest, at_once
from pipelines.sources.errors import GarbledAnswerError, MalformedAnswerError, RateLimitError, UnknownSymbolError
from pipelines.sources.lookups import Article, Match, StatementKind
from pipelines.sources.yahoo_answer import Chart, ChartError, GarbledError, UnreadableError, read_chart, same_ticker
from pipelines.sources.yahoo_lookups import read_articles, read_matches, read_statements
from pipelines.sources.yahoo_parse import parse_chart
from warehouse.schema.types import FX_RATE

if TYPE_CHECKING:
    from pipelines.sources.yahoo_client import ChartBody, YahooClient

_TOO_MANY = 429
_MOST_MATCHES = 20
_STEP = Decimal("1E-10")


class YahooSource:
    """Prices, quotes, dividends, splits, profiles, search, statements, news; rates of currencies through the dollar.

    Args:
        cache_dir: Folder of the client's own cache (time zones, cookies).
        base_url: What answers for Yahoo's hosts; None for those themselves.
        timeout: Seconds for one request.
    """

    def __init__(self, *, cache_dir: Path, base_url: str | None = None, timeout: float = 10.0) -> None:
        self.name = "yahoo"
        self.crosses_through = "USD"
        self._cache_dir = cache_dir
        self._base_url = base_url
        self._timeout = timeout
        self.before_request: Callable[[], None] = at_once

    def prices(self, request: PriceRequest, *, now: datetime) -> PriceAnswer:
        """Return history, events, profile and quote of one instrument; see `Source.prices`."""
        chart = self._chart(self._client.chart(request.ticker, request.events_start), request.ticker)
        if chart is None:
            return PriceAnswer()
        try:
            return parse_chart(chart, request, now=now)
        except OutOfRangeError as error:
            raise MalformedAnswerError(self.name, request.ticker, str(error)) from error

    def describe(self, request: PriceRequest) -> Description:
        """Return country, sector and industry; see `Describer.describe`."""
        info = self._client.info(request.ticker)
        return Description(**{name: _text(info.get(name)) for name in ("country", "sector", "industry")})

    def rates(self, currencies: Sequence[str], start: date, end: date) -> pl.DataFrame:
        """Return rates through the dollar, of days that were over before ``end``; see `Source.rates`."""
        dollars = self._closes("EURUSD=X", start, end)
        frames = [_through_dollar(currency, dollars, self._per_dollar(currency, start, end)) for currency in currencies]
        return pl.concat([pl.DataFrame(schema=RATES), *frames]).sort("currency", "date")

    def search(self, text: str) -> tuple[Match, ...]:
        """Return what a text may mean, the best first; see `Searcher.search`."""
        said = self._client.search(text, instruments=_MOST_MATCHES, articles=0)
        with self._readable(text):
            return read_matches(said)

    def statements(self, request: PriceRequest, kind: StatementKind) -> pl.DataFrame:
        """Return some four years and five quarters of one kind of statement; see `Reporter.statements`."""
        bodies = self._client.statements(request.ticker, kind)
        if not bodies:
            raise UnknownSymbolError(self.name, request.ticker, "no statements")
        with self._readable(request.ticker):
            return read_statements(bodies, request, kind)

    def news(self, request: PriceRequest, *, limit: int) -> tuple[Article, ...]:
        """Return the last articles that name an instrument; see `NewsDesk.news`."""
        said = self._client.search(request.ticker, instruments=0, articles=limit)
        with self._readable(request.ticker):
            return read_articles(said, request.ticker)[:limit]

    @contextmanager
    def _readable(self, about: str) -> Iterator[None]:
        try:
            yield
        except GarbledError as error:
            raise GarbledAnswerError(self.name, about, str(error)) from error
        except UnreadableError as error:
            raise MalformedAnswerError(self.name, about, str(error)) from error

    @cached_property
    def _client(self) -> "YahooClient":
        from pipelines.sources.yahoo_client import YahooClient  # noqa: PLC0415  # takes 2 seconds

        return YahooClient(
            source=self.name,
            base_url=self._base_url,
            cache_dir=self._cache_dir,
            timeout=self._timeout,
            before_request=self._before_request,
        )

    def _before_request(self) -> None:
        self.before_request()  # as it is by then: a guard sets it

    def _chart(self, body: "ChartBody", ticker: str) -> Chart | None:
        """Return the chart; None where the window is empty."""
        if body.status == _TOO_MANY:
            raise RateLimitError(self.name, ticker, body.text.strip(), body.retry_after_seconds)
        with self._readable(ticker):
            said = read_chart(body.text)
        if isinstance(said, ChartError):
            self._refuse(said, ticker)
            return None
        told = said.meta.symbol
        if told is not None and not same_ticker(told, ticker):
            # A renamed instrument may be among these: that it is the same one is for people to say.
            why = f"a chart of {told}; if that is its new name, `folio rename` has it priced under that"
            raise MalformedAnswerError(self.name, ticker, why)
        return said

    def _refuse(self, said: ChartError, ticker: str) -> None:
        if said.kind == "unknown":
            raise UnknownSymbolError(self.name, ticker, said.description)
        if said.kind == "other":
            raise MalformedAnswerError(self.name, ticker, f"{said.code}: {said.description}")

    def _per_dollar(self, currency: str, start: date, end: date) -> pl.DataFrame | None:
        """Return the closes of a currency in dollars; None for the dollar itself, no rows for an unknown one."""
        if currency == "USD":
            return None
        try:
            return self._closes(f"{currency}=X", start, end)
        except UnknownSymbolError:
            return pl.DataFrame(schema={"date": RATES["date"], "close": pl.Decimal(20, 8)})

    def _closes(self, pair: str, start: date, end: date) -> pl.DataFrame:
        now = datetime.combine(end, time.min, UTC)
        return self.prices(PriceRequest(symbol=pair, start=start, end=end), now=now).prices.select("date", "close")


def _text(said: object) -> str | None:
    """Return a text, or none where Yahoo says something else or nothing."""
    return (said.strip() or None) if isinstance(said, str) else None


def _through_dollar(currency: str, dollars: pl.DataFrame, per_dollar: pl.DataFrame | None) -> pl.DataFrame:
    if per_dollar is None:
        crossed = dollars.select("date", per_eur=pl.col("close").cast(FX_RATE))
    else:
        both = dollars.join(per_dollar, on="date", suffix="_per_dollar")
        days = both["date"]
        products = [dollar * other for dollar, other in both.select("close", "close_per_dollar").iter_rows()]
        rounded = [product.quantize(_STEP) for product in products]
        crossed = pl.DataFrame({"date": days, "per_eur": pl.Series(rounded, dtype=FX_RATE)})
    return crossed.select(currency=pl.lit(currency), date="date", per_eur="per_eur")
