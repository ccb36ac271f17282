"""What a source is: the questions it takes and the shape of its answers.

Belongs here: the Protocol, requests, answers and their schemas. Does not: any provider, any retry.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar, runtime_checkable

import polars as pl

from warehouse.schema import Table, market

Content = TypeVar("Content")

_TAIL = frozenset({"source", "fetched_at", "known_from", "bulk_loaded"})


def _said(table: Table) -> pl.Schema:
    """Return what a provider says of a history: the table without who said it and when."""
    return pl.Schema({name: dtype for name, dtype in table.polars_schema.items() if name not in _TAIL})


PRICES = _said(market.PRICE_HISTORY)
DIVIDENDS = _said(market.DIVIDEND_HISTORY)
SPLITS = _said(market.SPLIT_HISTORY)
RATES = _said(market.FX_HISTORY)
ADJUSTED = pl.Schema({"symbol": pl.String, "date": pl.Date, "adj_close": pl.Float64})


@dataclass(frozen=True, kw_only=True)
class PriceRequest:
    """One instrument and a window of days, both ends included; dividends and splits may be taken from earlier days on.

    Splits are taken until the present: providers tell the days of the window divided by them.

    Args:
        symbol: As Folioduck names it.
        provider_symbol: As the provider names it, where that differs.
        start: First day; None is the earliest the provider has.
        end: Last day; None is the last closed session. Where it is the present day in UTC, that of the exchange counts,
            too.
        events_from: First day of dividends and splits, where they are taken from before ``start`` on: these are told
            late. It costs no request of its own.
        stored_until: Last day that is stored of it: a window that holds it has a price.
    """

    symbol: str
    provider_symbol: str | None = None
    start: date | None = None
    end: date | None = None
    events_from: date | None = None
    stored_until: date | None = None

    @property
    def ticker(self) -> str:
        """Return the name to ask the provider for."""
        return self.provider_symbol or self.symbol

    @property
    def events_start(self) -> date | None:
        """Return the first day of which dividends and splits are taken; None is the earliest the provider has."""
        if self.start is None or self.events_from is None:
            return self.start
        return min(self.start, self.events_from)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an instrument is, as far as the provider says; a column of `symbols` each."""

    currency: str
    price_unit: str
    name: str | None = None
    asset_class: str | None = None
    exchange: str | None = None
    country: str | None = None
    region: str | None = None
    sector: str | None = None
    industry: str | None = None
    isin: str | None = None


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is behind an instrument; it costs requests of its own, so it is asked for apart."""

    country: str | None = None
    sector: str | None = None
    industry: str | None = None


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The current price, live or the last close, in the major unit of the currency.

    Args:
        last_price: Per unit, exact.
        last_price_at: When it was traded, in UTC.
        previous_close: Close of the session before that of `last_price`, as traded.
        session: The day of its session by the clock of its exchange, where the provider says so.
    """

    last_price: Decimal
    last_price_at: datetime
    previous_close: Decimal | None = None
    session: date | None = None


@dataclass(frozen=True, kw_only=True)
class PriceAnswer:
    """What a provider said of one instrument, already as traded and as declared, in the major unit.

    Args:
        prices: Schema ``PRICES``, closed sessions only, by date.
        dividends: Schema ``DIVIDENDS``, by ex-date, from the request's ``events_start`` on.
        splits: Schema ``SPLITS``, likewise.
        adjusted: Schema ``ADJUSTED``, by date: closes as the provider has adjusted them for splits and dividends, in
            its own unit. They are never stored; what they say of the dividends is held against these.
        profile: What the instrument is; None where the provider does not say.
        quote: Its current price; None where the provider gives none.
        first_traded: The day from which on it was traded at all; None where the provider does not say.
        dropped_null_bars: Sessions inside the window that came without a close and were left out.
    """

    prices: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PRICES))
    dividends: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DIVIDENDS))
    splits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SPLITS))
    adjusted: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ADJUSTED))
    profile: Profile | None = None
    quote: Quote | None = None
    first_traded: date | None = None
    dropped_null_bars: int = 0


class Source(Protocol):
    """A provider of market data."""

    @property
    def name(self) -> str:
        """Return the name that goes into the `source` column."""
        ...

    def prices(self, request: PriceRequest, *, now: datetime) -> PriceAnswer:
        """Return history, events, profile and quote of one instrument.

        Args:
            request: Which instrument, which days.
            now: The present, in UTC: a session that has not closed by then is a quote, not history.

        Raises:
            SourceError: One of `pipelines.sources.errors`.
        """
        ...

    def rates(self, currencies: Sequence[str], start: date, end: date) -> pl.DataFrame:
        """Return reference rates, schema ``RATES``, by currency and date; currencies it lacks are left out.

        Raises:
            UnsupportedError: If the provider has no rates.
            SourceError: One of `pipelines.sources.errors`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Taken(Generic[Content]):
    """What is taken of a source that is taken whole, and what is wrong with each file that is not, a line each."""

    content: Content
    refused: tuple[str, ...] = ()


@runtime_checkable
class Whole(Protocol):
    """A source that is taken whole besides, whoever else answers: what a person has put there."""

    @property
    def name(self) -> str:
        """Return the source's name."""
        ...

    def everything(self, until: date, said: Mapping[str, Collection[str]]) -> Taken[PriceAnswer]:
        """Return all prices, dividends and splits up to a day, of all instruments.

        Args:
            until: The last day.
            said: Currencies of the prices that the other sources just gave, by symbol; a price in another is refused.

        Raises:
            SourceError: One of `pipelines.sources.errors`.
        """
        ...

    def every_rate(self, until: date) -> Taken[pl.DataFrame]:
        """Return all rates up to a day, schema ``RATES``.

        Raises:
            SourceError: One of `pipelines.sources.errors`.
        """
        ...


@runtime_checkable
class Describer(Protocol):
    """A source that also knows what is behind an instrument."""

    @property
    def name(self) -> str:
        """Return the source's name."""
        ...

    def describe(self, request: PriceRequest) -> Description:
        """Return country, sector and industry; the window of the request does not matter.

        Raises:
            SourceError: One of `pipelines.sources.errors`.
        """
        ...


@runtime_checkable
class Crossing(Protocol):
    """A source that reaches its rates through those of one currency: ``crosses_through``."""

    crosses_through: str


@runtime_checkable
class Tabular(Protocol):
    """A source whose one answer ``has_every_rate`` that it knows, so that one more costs nothing."""

    has_every_rate: bool


@runtime_checkable
class Paced(Protocol):
    """A source that calls ``before_request`` before each request it sends, also where one question takes several."""

    before_request: Callable[[], None]


def at_once() -> None:
    """Let a request go at once: the pace of a source that nobody has set one for."""
