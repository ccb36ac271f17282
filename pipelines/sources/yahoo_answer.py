"""The shape of Yahoo's chart answer.

Belongs here: the fields that are read, checked for type and length. Does not: what they mean (`yahoo_parse`).
"""

import json
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator
from pydantic.alias_generators import to_camel


class UnreadableError(ValueError):
    """An answer is not what Yahoo's charts look like; the message says where."""


class GarbledError(UnreadableError):
    """An answer is nothing of Yahoo's at all: a page where JSON is due, JSON that breaks off, or that says nothing."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"no such time zone: {name!r}") from error
    return name


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


Epoch = Annotated[int, Field(ge=-62_000_000_000, le=250_000_000_000)]
"""Seconds since 1970, within the years that dates have."""
Units = Annotated[float, Field(ge=0, le=9e15)]
"""A count that single steps of a float still tell apart."""


class Period(_Answer):
    """From when until when a session trades."""

    start: Epoch
    end: Epoch


class TradingPeriods(_Answer):
    """The hours of the current session, or of the next one before it opens."""

    regular: Period


class Meta(_Answer):
    """What a chart says of the instrument itself."""

    currency: str = Field(min_length=3)
    symbol: str | None = None
    exchange_name: str | None = None
    instrument_type: str | None = None
    exchange_timezone_name: Annotated[str, AfterValidator(_known_zone)]
    regular_market_price: FiniteFloat | None = None
    regular_market_time: Epoch | None = None
    chart_previous_close: FiniteFloat | None = None
    long_name: str | None = None
    short_name: str | None = None
    current_trading_period: TradingPeriods | None = None
    first_trade_date: Epoch | None = None
    data_granularity: Literal["1d"] = "1d"
    """Yahoo answers some daily questions with bars of a quarter; those are no sessions."""


class Bars(_Answer):
    """Columns of bars; in an empty window all are absent, for some funds all but the close."""

    open: list[FiniteFloat | None] | None = None
    high: list[FiniteFloat | None] | None = None
    low: list[FiniteFloat | None] | None = None
    close: list[FiniteFloat | None] | None = None
    volume: list[Units | None] | None = None


class AdjustedBars(_Answer):
    """Closes that Yahoo has adjusted for dividends, too; of some symbols they are beyond all numbers."""

    adjclose: list[float | None] = []


class Indicators(_Answer):
    """The bars, wrapped."""

    quote: list[Bars] = Field(min_length=1)
    adjclose: list[AdjustedBars] = []


class AmountEvent(_Answer):
    """A dividend or a distributed capital gain, in units of today."""

    date: Epoch
    amount: FiniteFloat
    currency: str | None = None


class SplitEvent(_Answer):
    """A split: so many units (numerator) for so many (denominator)."""

    date: Epoch
    numerator: FiniteFloat = Field(gt=0)
    denominator: FiniteFloat = Field(gt=0)


class Events(_Answer):
    """Events, keyed by their time."""

    dividends: dict[str, AmountEvent] = {}
    capital_gains: dict[str, AmountEvent] = {}
    splits: dict[str, SplitEvent] = {}


class Chart(_Answer):
    """One instrument's chart."""

    meta: Meta
    timestamp: list[Epoch] = []
    indicators: Indicators
    events: Events = Events()

    @property
    def bars(self) -> Bars:
        """Return the columns of the bars."""
        return self.indicators.quote[0]

    @property
    def adjusted(self) -> list[float | None]:
        """Return the adjusted close of each bar; none at all where they do not fit the bars."""
        told = self.indicators.adjclose[0].adjclose if self.indicators.adjclose else []
        return told if len(told) == len(self.timestamp) else []

    @model_validator(mode="after")
    def _one_value_a_bar(self) -> Self:
        for name, values in self.bars:
            if values is not None and len(values) != len(self.timestamp):
                raise ValueError(f"{name} has {len(values)} values for {len(self.timestamp)} bars")
        if self.timestamp and self.bars.close is None:
            raise ValueError("there are bars, but no close")
        return self


class ChartError(_Answer):
    """Why there is no chart."""

    code: str
    description: str = ""

    @property
    def kind(self) -> Literal["empty", "unknown", "other"]:
        """Return whether the window is empty, the instrument is unknown, or something else is wrong."""
        if self.code == "Not Found":
            return "unknown"
        return "empty" if "data doesn't exist" in self.description.lower() else "other"


class _Outcome(_Answer):
    result: list[Chart] | None = None
    error: ChartError | None = None


class _Body(_Answer):
    chart: _Outcome


def same_ticker(told: str, asked: str) -> bool:
    """Return whether an answer is of what was asked for: in whatever case, and of dollars by either of their names.

    >>> same_ticker("INR=X", "usdinr=x"), same_ticker("META", "FB")
    (True, False)
    """
    return _plain(told) == _plain(asked)


def _plain(ticker: str) -> str:
    upper = ticker.upper()
    # Yahoo takes USDINR=X, and tells INR=X.
    return upper.removeprefix("USD") if upper.endswith("=X") and upper != "USD=X" else upper


def read_json(body: str, *, fraction: type[float] | type[Decimal] = float) -> Any:
    """Return what a body of JSON says, with fractions as they are asked for.

    Raises:
        GarbledError: If it is no JSON, or none that anybody would send: too deep, or with a number too long.
    """
    try:
        return json.loads(body, parse_float=fraction)
    except RecursionError as error:
        raise GarbledError("no JSON that anybody would send") from error
    except (ValueError, ArithmeticError) as error:
        raise GarbledError(f"no JSON: {error}") from error


def read_chart(body: str) -> Chart | ChartError:
    """Return what Yahoo's chart body says.

    Raises:
        GarbledError: If it is no JSON, or says nothing of a chart, nor why there is none.
        UnreadableError: If its chart is not what charts look like.
    """
    try:
        outcome = _Body.model_validate(read_json(body)).chart
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise (UnreadableError if len(first["loc"]) > 1 else GarbledError)(f"{place}: {first['msg']}") from error
    if outcome.error is not None:
        return outcome.error
    if not outcome.result:
        raise GarbledError("neither a result nor an error")
    return outcome.result[0]
