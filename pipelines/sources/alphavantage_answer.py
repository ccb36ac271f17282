"""The shape of Alpha Vantage's answers.

Belongs here: the fields that are read, checked for type; numbers are exact, for they come as text. Does not: what they
mean (`alphavantage_parse`, `alphavantage_lookups`), its refusals (`alphavantage_refusal`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Value = TypeVar("Value")


def _or_missing(value: object) -> object:
    return None if isinstance(value, str) and value.strip() in {"None", "-", ""} else value


def _moment(value: object) -> object:
    """Return a time like 20250929T171151, which is in UTC, as it is written elsewhere."""
    return datetime.strptime(f"{value}+0000", "%Y%m%dT%H%M%S%z")


Known = Annotated[Value | None, BeforeValidator(_or_missing)]
"""Alpha Vantage writes None or - where it has nothing."""
Price = Annotated[Decimal, Field(ge=0, lt=10**10, decimal_places=6)]
"""Six places and the two of a hundredth fit what is stored."""
Traded = Annotated[Decimal, Field(gt=-(10**10), lt=10**10, decimal_places=6)]
"""Of a session: one that is not above zero is held back alone (`pipelines.quality`)."""
Rate = Annotated[Decimal, Field(gt=0, lt=10**10, decimal_places=10)]
Amount = Annotated[Decimal, Field(gt=-(10**20), lt=10**20, decimal_places=8)]


_NAMED = (("Meta Data", "2. Symbol"), ("Global Quote", "01. symbol"), ("symbol",), ("Symbol",))
"""Where an answer says of which instrument it is."""


def instrument_of(said: Mapping[str, object]) -> str | None:
    """Return the instrument that an answer names, None where it names none."""
    for path in _NAMED:
        found: object = said
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, str) and found:
            return found
    return None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Bar(_Answer):
    """One session."""

    open: Known[Traded] = Field(default=None, alias="1. open")
    high: Known[Traded] = Field(default=None, alias="2. high")
    low: Known[Traded] = Field(default=None, alias="3. low")
    close: Known[Traded] = Field(default=None, alias="4. close")
    volume: Known[Annotated[int, Field(ge=0, lt=2**63)]] = Field(default=None, alias="5. volume")


class Daily(_Answer):
    """TIME_SERIES_DAILY: sessions as traded, the newest first."""

    bars: dict[date, Bar] = Field(alias="Time Series (Daily)")


class Pair(_Answer):
    """What a pair of currencies closed at."""

    close: Known[Rate] = Field(default=None, alias="4. close")


class PairMeta(_Answer):
    """When a pair was last traded, in UTC."""

    last_refreshed: str = Field(alias="5. Last Refreshed", pattern=r"^\d{4}-\d\d-\d\d")


class DailyPairs(_Answer):
    """FX_DAILY: days of a pair, the newest first and still running."""

    meta: PairMeta = Field(alias="Meta Data")
    days: dict[date, Pair] = Field(alias="Time Series FX (Daily)")


class Latest(_Answer):
    """The current price, with the day it is of."""

    price: Known[Price] = Field(default=None, alias="05. price")
    day: Known[date] = Field(default=None, alias="07. latest trading day")
    previous_close: Known[Price] = Field(default=None, alias="08. previous close")


class GlobalQuote(_Answer):
    """GLOBAL_QUOTE; empty where there is none."""

    quote: Latest = Field(alias="Global Quote")


class Dividend(_Answer):
    """A dividend as declared; days are missing for those before 2021."""

    ex_date: Known[date] = Field(alias="ex_dividend_date")
    pay_date: Known[date] = Field(default=None, alias="payment_date")
    amount: Known[Price]


class Dividends(_Answer):
    """DIVIDENDS: past and announced ones."""

    data: list[Dividend]


class Split(_Answer):
    """A split: so many units for one, to four places."""

    ex_date: Known[date] = Field(alias="effective_date")
    factor: Known[Annotated[Decimal, Field(gt=0, lt=10**10, decimal_places=10)]] = Field(alias="split_factor")


class Splits(_Answer):
    """SPLITS."""

    data: list[Split]


class Overview(_Answer):
    """OVERVIEW: what a company is."""

    name: Known[str] = Field(default=None, alias="Name")
    asset_type: Known[str] = Field(default=None, alias="AssetType")
    exchange: Known[str] = Field(default=None, alias="Exchange")
    currency: Known[str] = Field(default=None, alias="Currency")
    country: Known[str] = Field(default=None, alias="Country")
    sector: Known[str] = Field(default=None, alias="Sector")
    industry: Known[str] = Field(default=None, alias="Industry")


class Found(_Answer):
    """An instrument that a search has found."""

    symbol: str = Field(alias="1. symbol")
    name: Known[str] = Field(default=None, alias="2. name")
    type: Known[str] = Field(default=None, alias="3. type")
    region: Known[str] = Field(default=None, alias="4. region")
    currency: Known[str] = Field(default=None, alias="8. currency")
    score: Known[float] = Field(default=None, alias="9. matchScore")


class Matches(_Answer):
    """SYMBOL_SEARCH, the best first."""

    matches: list[Found] = Field(alias="bestMatches")


class Report(BaseModel):
    """One period of a financial statement; every field but these two is an amount."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Known[Amount]]

    ended_on: date = Field(alias="fiscalDateEnding")
    currency: Known[str] = Field(default=None, alias="reportedCurrency")


class Reports(_Answer):
    """INCOME_STATEMENT, BALANCE_SHEET or CASH_FLOW, the newest first."""

    annual: list[Report] = Field(alias="annualReports")
    quarterly: list[Report] = Field(alias="quarterlyReports")


class TickerSentiment(_Answer):
    """How an article speaks of one instrument, from -1 to 1."""

    ticker: str
    score: Known[float] = Field(default=None, alias="ticker_sentiment_score")


class NewsItem(_Answer):
    """One article."""

    title: str
    url: str
    published_at: Annotated[datetime, BeforeValidator(_moment)] = Field(alias="time_published")
    publisher: Known[str] = Field(default=None, alias="source")
    summary: Known[str] = None
    sentiment: Known[float] = Field(default=None, alias="overall_sentiment_score")
    tickers: list[TickerSentiment] = Field(default=[], alias="ticker_sentiment")


class News(_Answer):
    """NEWS_SENTIMENT, the newest first."""

    feed: list[NewsItem]
