"""Yahoo's charts as frames: pure, as traded and as declared, in the major unit of the currency.

Belongs here: what the fields of a chart mean. Does not: their shape (`yahoo_answer`), asking for them (`yahoo`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from pipelines.sources.as_traded import Floats, as_traded, exact, restating_factors, traded_volumes
from pipelines.sources.base import ADJUSTED, DIVIDENDS, PRICES, SPLITS, PriceAnswer, PriceRequest, Profile, Quote
from pipelines.sources.yahoo_answer import AmountEvent, Chart, SplitEvent
from pipelines.sources.yahoo_codes import ASSET_CLASS, MIC, unit_of

SETTLING = timedelta(minutes=30)
"""Yahoo is up to half an hour late, so a session is final only that long after its end."""

_CLOCKS_APART = timedelta(minutes=5)
_SINGLE = 1e-6
"""By how much a price is rounded that Yahoo keeps in single precision."""
_LATE = 22
"""Bars and events stamped at this local hour or later are the next day's, shifted by summer time."""


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """A chart with its time zone and its splits by ex-date."""

    chart: Chart
    zone: ZoneInfo
    splits: tuple[tuple[date, SplitEvent], ...]

    def factors(self, days: Sequence[date], *, same_day: bool = False) -> Floats:
        """Return by how much the values of each day were divided since."""
        ratios = [(day, Fraction(split.numerator) / Fraction(split.denominator)) for day, split in self.splits]
        return restating_factors(days, ratios, same_day=same_day)


def parse_chart(chart: Chart, request: PriceRequest, *, now: datetime) -> PriceAnswer:
    """Return a chart as an answer, cut to the window of the request: dividends and splits to that of events.

    The chart itself must reach from the window's start until the present: its prices are restated for every split until
    the present, so every one of them is needed to undo that.

    Args:
        chart: Yahoo's answer.
        request: The instrument and the window.
        now: The present, in UTC.
    """
    reading = _read(chart)
    request = replace(request, end=_end(request, reading.zone, now))
    bars = _bars(reading)
    wanted = bars.filter(pl.col("date") < _first_open_day(reading, now), _within(request))
    symbol = pl.lit(request.symbol).alias("symbol")
    return PriceAnswer(
        prices=wanted.drop_nulls("close").with_columns(symbol).select(PRICES.names()),
        dividends=_distributions(reading).filter(_told_within(request)).select(symbol, *_rest(DIVIDENDS)),
        splits=_splits(reading).filter(_told_since(request, reading.zone, now)).select(symbol, *_rest(SPLITS)),
        adjusted=_adjusted(reading).filter(_within(request)).select(symbol, "date", "adj_close"),
        profile=_profile(chart),
        quote=_quote(reading, bars),
        first_traded=_first_traded(reading),
        dropped_null_bars=wanted["close"].null_count(),
    )


def _end(request: PriceRequest, zone: ZoneInfo, now: datetime) -> date | None:
    """Return the last day of the window; where that is the present, it is so by the clock of the exchange, too.

    Sydney's Monday begins on Sunday in UTC, and what is told of it counts from then on.
    """
    if request.end is None or request.end < now.astimezone(UTC).date():
        return request.end
    return max(request.end, now.astimezone(zone).date())


def _rest(schema: pl.Schema) -> list[str]:
    return [name for name in schema.names() if name != "symbol"]


def _within(request: PriceRequest) -> pl.Expr:
    return _between("date", request.start, request.end)


def _told_within(request: PriceRequest) -> pl.Expr:
    return _between("ex_date", request.events_start, request.end)


def _told_since(request: PriceRequest, zone: ZoneInfo, now: datetime) -> pl.Expr:
    """Return which splits are taken: those after the window, too, for its days are told divided by them."""
    present = replace(request, end=request.end and now.astimezone(UTC).date())
    return _between("ex_date", request.events_start, _end(present, zone, now))


def _between(column: str, first: date | None, last: date | None) -> pl.Expr:
    since = pl.lit(True) if first is None else pl.col(column) >= first
    return since if last is None else since & (pl.col(column) <= last)


def _read(chart: Chart) -> _Reading:
    zone = ZoneInfo(chart.meta.exchange_timezone_name)
    splits = ((_session(split.date, zone), split) for split in chart.events.splits.values())
    return _Reading(chart=chart, zone=zone, splits=tuple(sorted(splits, key=lambda split: split[0])))


def _session(epoch: int, zone: ZoneInfo) -> date:
    local = datetime.fromtimestamp(epoch, zone)
    return local.date() + timedelta(days=1) if local.hour >= _LATE else local.date()


def _bar_days(reading: _Reading) -> list[date]:
    """Return the session of each bar; that of a running session is stamped with its last trade, at any hour."""
    live, zone = reading.chart.meta.regular_market_time, reading.zone
    return [
        datetime.fromtimestamp(epoch, zone).date() if epoch == live else _session(epoch, zone)
        for epoch in reading.chart.timestamp
    ]


def _first_open_day(reading: _Reading, now: datetime) -> date:
    """Return the first day whose session is not final yet."""
    meta = reading.chart.meta
    if meta.current_trading_period is None:
        return now.astimezone(reading.zone).date()
    hours = meta.current_trading_period.regular
    day = datetime.fromtimestamp(hours.start, reading.zone).date()
    settled = now >= datetime.fromtimestamp(hours.end, UTC) + SETTLING
    last_trade = meta.regular_market_time
    # A trade of the time to come was told by a clock that is wrong, and says nothing of the end.
    traded_until_end = last_trade is not None and hours.end <= last_trade <= (now + _CLOCKS_APART).timestamp()
    return day + timedelta(days=1) if settled or traded_until_end else day


def _bars(reading: _Reading) -> pl.DataFrame:
    """Return the bars by date; a day that is told with two prices has two, which no answer can choose between."""
    days, bars = _bar_days(reading), reading.chart.bars
    factors, unit = reading.factors(days), unit_of(reading.chart.meta.currency)
    columns = {
        name: as_traded(_floats(getattr(bars, name), len(days)), factors, per_unit=unit.per_currency)
        for name in ("open", "high", "low", "close")
    }
    # Currencies have no volume; Yahoo says 0.
    said = None if reading.chart.meta.instrument_type == "CURRENCY" else bars.volume
    volume = traded_volumes(_floats(said, len(days)), factors)
    told = pl.DataFrame(
        {"date": pl.Series(days, dtype=pl.Date), **columns, "volume": volume, "newest": _newest(reading, days)}
    )
    return told.pipe(_superseded).sort("date", maintain_order=True).with_columns(currency=pl.lit(unit.currency))


def _newest(reading: _Reading, days: Sequence[date]) -> list[bool]:
    """Return which bars have the last trade: a running session has a bar of its own for it beside the day's."""
    meta = reading.chart.meta
    if meta.regular_market_time is None:
        return [False] * len(days)
    today = datetime.fromtimestamp(meta.regular_market_time, reading.zone).date()
    closes = _floats(reading.chart.bars.close, len(days))
    quoted = np.isclose(closes, meta.regular_market_price or np.nan, rtol=_SINGLE, atol=0.0).tolist()
    stamps = zip(reading.chart.timestamp, days, quoted, strict=True)
    return [epoch == meta.regular_market_time or (day == today and at_it) for epoch, day, at_it in stamps]


def _superseded(told: pl.DataFrame) -> pl.DataFrame:
    """Leave out what another bar of the same day says later, without a gap or in the same words."""
    closed, newest = pl.col("close").is_not_null(), pl.col("newest")
    later = told.filter(newest | ~newest.any().over("date")).filter(closed | ~closed.any().over("date"))
    last = pl.when("newest").then(pl.int_range(pl.len()) == pl.len() - 1).otherwise(statement=True)
    return later.filter(last.over("date")).drop("newest").unique(maintain_order=True)


def _adjusted(reading: _Reading) -> pl.DataFrame:
    told = reading.chart.adjusted
    closes = {"date": _bar_days(reading) if told else [], "adj_close": told}
    schema = {name: ADJUSTED[name] for name in ("date", "adj_close")}
    return pl.DataFrame(closes, schema=schema).drop_nulls().unique("date", keep="last", maintain_order=True)


def _floats(values: Sequence[float | None] | None, length: int) -> Floats:
    return np.array([None] * length if values is None else values, dtype=np.float64)


def _distributions(reading: _Reading) -> pl.DataFrame:
    """Return dividends and distributed gains; several of one kind and day are one."""
    events = reading.chart.events
    rows = [*_amounts(reading, events.dividends.values(), "cash")]
    rows += _amounts(reading, events.capital_gains.values(), "capital_gain")
    return (
        pl.DataFrame(rows, schema=[(name, DIVIDENDS[name]) for name in _rest(DIVIDENDS)], orient="row")
        .group_by("ex_date", "pay_date", "currency", "kind")
        .agg(pl.col("amount").sum().cast(DIVIDENDS["amount"]))
        .sort("ex_date", "kind")
    )


def _amounts(
    reading: _Reading, events: Iterable[AmountEvent], kind: str
) -> Iterable[tuple[date, None, Decimal, str, str]]:
    by_unit: dict[str, list[AmountEvent]] = {}
    for event in events:
        by_unit.setdefault(event.currency or reading.chart.meta.currency, []).append(event)
    for code, alike in by_unit.items():
        unit = unit_of(code)
        days = [_session(event.date, reading.zone) for event in alike]
        restated = np.array([event.amount for event in alike])
        amounts = as_traded(restated, reading.factors(days, same_day=True), per_unit=unit.per_currency)
        yield from ((day, None, amount, unit.currency, kind) for day, amount in zip(days, amounts, strict=True))


def _splits(reading: _Reading) -> pl.DataFrame:
    # One for one is no split, and stored as one it would stand in the way of the true one of its day.
    told = [(day, split) for day, split in reading.splits if split.numerator != split.denominator]
    rows = [(day, Decimal(repr(split.numerator)), Decimal(repr(split.denominator))) for day, split in told]
    return pl.DataFrame(rows, schema=[(name, SPLITS[name]) for name in _rest(SPLITS)], orient="row")


def _first_traded(reading: _Reading) -> date | None:
    epoch = reading.chart.meta.first_trade_date
    return None if epoch is None else _session(epoch, reading.zone)


def _profile(chart: Chart) -> Profile:
    meta = chart.meta
    return Profile(
        currency=unit_of(meta.currency).currency,
        price_unit=meta.currency,
        name=meta.long_name or meta.short_name,
        asset_class=ASSET_CLASS.get(meta.instrument_type or ""),
        exchange=MIC.get(meta.exchange_name or ""),
    )


def _quote(reading: _Reading, bars: pl.DataFrame) -> Quote | None:
    meta = reading.chart.meta
    if meta.regular_market_price is None or meta.regular_market_time is None:
        return None
    at = datetime.fromtimestamp(meta.regular_market_time, UTC)
    session = at.astimezone(reading.zone).date()
    return Quote(
        last_price=exact(meta.regular_market_price, per_unit=unit_of(meta.currency).per_currency),
        last_price_at=at,
        previous_close=_previous_close(reading, bars, session),
        session=session,
    )


def _previous_close(reading: _Reading, bars: pl.DataFrame, day: date) -> Decimal | None:
    closed = bars.filter(pl.col("date") < day).drop_nulls("close")
    if closed.height:
        last = closed.filter(pl.col("date") == closed["date"][-1])["close"].unique()
        return last[0] if len(last) == 1 else None
    meta = reading.chart.meta
    if meta.chart_previous_close is None:
        return None
    before = reading.factors([day - timedelta(days=1)])
    per_unit = unit_of(meta.currency).per_currency
    stated: Decimal = as_traded(np.array([meta.chart_previous_close]), before, per_unit=per_unit)[0]
    return stated
