"""Alpha Vantage's prices, events and rates as frames: pure, as traded and as declared, in the major unit.

Belongs here: what the fields mean. Does not: their shape (`alphavantage_answer`), asking for them (`alphavantage`).

Nothing is restated here: the daily series, dividends and splits come raw, and numbers come as text, so every decimal is
the one that Alpha Vantage wrote.
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import polars as pl

from pipelines.sources.alphavantage_answer import (
    Daily,
    DailyPairs,
    Dividends,
    GlobalQuote,
    Splits,
)
from pipelines.sources.alphavantage_codes import first_open_day
from pipelines.sources.alphavantage_listing import Listing
from pipelines.sources.base import DIVIDENDS, PRICES, RATES, SPLITS, PriceRequest, Quote
from pipelines.sources.yahoo_codes import Unit

_LARGEST_PART = 9
"""Ratios of a split have one number as small as this: 3:2, 1:30."""


def parse_prices(daily: Daily, listing: Listing, request: PriceRequest, *, now: datetime) -> tuple[pl.DataFrame, int]:
    """Return closed sessions of the window, schema ``PRICES``, by date, and how many came without a close."""
    open_day, unit = first_open_day(listing.exchange, now), listing.unit
    wanted = {
        day: bar
        for day, bar in sorted(daily.bars.items())
        if day < open_day and _within(day, request.start, request.end)
    }
    rows = [
        (
            request.symbol,
            day,
            _major(bar.open, unit),
            _major(bar.high, unit),
            _major(bar.low, unit),
            _major(bar.close, unit),
            bar.volume,
            unit.currency,
        )
        for day, bar in wanted.items()
        if bar.close is not None
    ]
    return pl.DataFrame(rows, schema=PRICES, orient="row"), len(wanted) - len(rows)


def parse_dividends(said: Dividends, listing: Listing, request: PriceRequest, *, until: date) -> pl.DataFrame:
    """Return dividends of the window until a day, schema ``DIVIDENDS``, by ex-date; several of a day are one."""
    amounts: dict[date, Decimal] = {}
    paid: dict[date, date | None] = {}
    for dividend in said.data:
        if dividend.ex_date is None or not dividend.amount:
            continue
        if dividend.ex_date <= until and _within(dividend.ex_date, request.events_start, request.end):
            amounts[dividend.ex_date] = amounts.get(dividend.ex_date, Decimal(0)) + dividend.amount
            paid[dividend.ex_date] = paid.get(dividend.ex_date) or dividend.pay_date
    unit = listing.unit
    rows = [
        (request.symbol, day, paid[day], _major(amounts[day], unit), unit.currency, "cash") for day in sorted(amounts)
    ]
    return pl.DataFrame(rows, schema=DIVIDENDS, orient="row")


def parse_splits(said: Splits, request: PriceRequest, *, until: date) -> pl.DataFrame:
    """Return splits of the window until a day, schema ``SPLITS``, by ex-date."""
    factors = {
        split.ex_date: split.factor
        for split in said.data
        if split.ex_date is not None and split.factor is not None and split.factor != 1
        if split.ex_date <= until and _within(split.ex_date, request.events_start, request.end)
    }
    rows = [(request.symbol, day, *ratio(factors[day])) for day in sorted(factors)]
    return pl.DataFrame(rows, schema=SPLITS, orient="row")


def ratio(factor: Decimal) -> tuple[Decimal, Decimal]:
    """Return the ratio, new units for old ones, that a factor stands for, which is cut to some places.

    A factor that ends in a zero was not cut. Any other is the one ratio with a number below ten that rounds to it;
    where that is none, or more than one would do, the factor is taken as it is.

    >>> ratio(Decimal("1.5000")), ratio(Decimal("0.0333"))
    ((Decimal('3'), Decimal('2')), (Decimal('1'), Decimal('30')))
    """
    exact = Fraction(factor)
    fits = {exact}
    if min(exact.as_integer_ratio()) > _LARGEST_PART and factor.as_tuple().digits[-1] != 0:
        half = Fraction(1, 2) * Fraction(10) ** int(factor.as_tuple().exponent)
        fits = {guess for guess in _simple_ratios(exact) if abs(guess - exact) <= half}
    if len(fits) == 1 and min((only := fits.pop()).as_integer_ratio()) <= _LARGEST_PART:
        return Decimal(only.numerator), Decimal(only.denominator)
    return factor, Decimal(1)


def _simple_ratios(near: Fraction) -> set[Fraction]:
    """Return the ratios with a small number that are nearest to one, and their neighbours."""
    turned = near < 1
    larger = 1 / near if turned else near
    parts = range(1, _LARGEST_PART + 1)
    found = {Fraction(round(larger * part) + step, part) for part in parts for step in (-1, 0, 1)}
    return {1 / guess if turned else guess for guess in found if guess > 0}


def parse_quote(said: GlobalQuote, listing: Listing, prices: pl.DataFrame, *, now: datetime) -> Quote | None:
    """Return the current price; None where there is none or nobody knows when it was traded."""
    latest = said.quote
    if latest.price is None or latest.day is None or listing.exchange is None:
        return None
    price, before = _major(latest.price, listing.unit), prices.filter(pl.col("date") < latest.day)
    # As traded, where that is known: what the quote calls the previous close may be restated for a split of its day.
    previous = before["close"][-1] if before.height else _major(latest.previous_close, listing.unit)
    at = min(listing.exchange.close_of(latest.day), now)
    if price is None:
        return None
    return Quote(last_price=price, last_price_at=at, previous_close=previous, session=latest.day)


def parse_rates(said: DailyPairs, currency: str, start: date, end: date) -> pl.DataFrame:
    """Return the days of a window that are over, schema ``RATES``, by date.

    The last day of the answer still runs, unless the window ends later.
    """
    running = date.fromisoformat(said.meta.last_refreshed[:10])
    rows = [
        (currency, day, pair.close)
        for day, pair in sorted(said.days.items())
        if pair.close is not None and start <= day <= end and (day < running or day < end)
    ]
    return pl.DataFrame(rows, schema=RATES, orient="row")


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _major(value: Decimal | None, unit: Unit) -> Decimal | None:
    return None if value is None else value.scaleb({1: 0, 100: -2}[unit.per_currency])
