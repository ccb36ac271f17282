"""Alpha Vantage's prices, events and rates as frames: pure, as traded and as declared, in the major unit.

Belongs here: what the fields mean. Does not: their shape (`alphavantage_answer`), asking for them (`alphavantage`).

Nothing is restated here: the daily series, dividends and splits come raw, and numbers come as text, so every decimal is
the one that Alpha Vantage wrote.
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

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

_PLACES_TOLD = 4
"""Factors come with so many places; one with fewer has had its zeros taken off."""
_ALWAYS_SIMPLE = 9
"""A ratio with a number as small as this is a split whatever else might be told so: 3:2, 1:30."""
_SIMPLE = 30
"""One with a number as small as this is a split (31:30, one more for thirty) unless the factor may be exact itself."""
_MOST_OLD = 80
"""Of ratios for up to so many old units no two are told alike in four places."""


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
    """Return dividends of the window until a day, schema ``DIVIDENDS``, by ex-date.

    A dividend that is told again is one; a second one of its day stays beside it, to be judged: it may be another
    payment, or the same corrected, and nothing in the answer says which.
    """
    told: dict[tuple[date, Decimal], list[date | None]] = {}
    for dividend in said.data:
        if dividend.ex_date is None or not dividend.amount:
            continue
        if dividend.ex_date <= until and _within(dividend.ex_date, request.events_start, request.end):
            paid = told.setdefault((dividend.ex_date, dividend.amount), [])
            if dividend.pay_date is not None and dividend.pay_date not in paid:
                paid.append(dividend.pay_date)
    unit = listing.unit
    rows = [
        (request.symbol, day, pay_date, _major(amount, unit), unit.currency, "cash")
        for (day, amount), paid in told.items()
        for pay_date in (paid or [None])
    ]
    return pl.DataFrame(rows, schema=DIVIDENDS, orient="row").sort("ex_date", maintain_order=True)


def parse_splits(said: Splits, request: PriceRequest, *, until: date) -> pl.DataFrame:
    """Return splits of the window and since, until a day, schema ``SPLITS``, by ex-date.

    Ratios are in whole numbers, but for those that cannot be known: these are the factor for one, as it was told, and
    are never whole (`pipelines.quality.inexact`).
    """
    factors = {
        split.ex_date: split.factor
        for split in said.data
        if split.ex_date is not None and split.factor is not None and split.factor != 1
        if split.ex_date <= until and _within(split.ex_date, request.events_start, None)
    }
    rows = [(request.symbol, day, *_new_for_old(factors[day])) for day in sorted(factors)]
    return pl.DataFrame(rows, schema=SPLITS, orient="row")


def _new_for_old(factor: Decimal) -> tuple[Decimal, Decimal]:
    known = ratio(factor)
    return (factor, Decimal(1)) if known is None else (Decimal(known.numerator), Decimal(known.denominator))


def ratio(factor: Decimal) -> Fraction | None:
    """Return the ratio, new units for old ones, that a factor stands for; None where that cannot be known.

    A factor is rounded or cut to four places. It is known where one simple ratio alone is told so: 0.0333 is 1:30 and
    nothing else, but 0.0067 is 1:149 as well as 1:150. A factor of three places at most that no simple ratio is told as
    is exact, as those of spin-offs are.

    >>> ratio(Decimal("1.5000")), ratio(Decimal("0.0333")), ratio(Decimal("0.0067")), ratio(Decimal("1.0460"))
    (Fraction(3, 2), Fraction(1, 30), None, Fraction(523, 500))
    """
    exact = Fraction(factor)
    last = Fraction(1, 10 ** max(_PLACES_TOLD, -int(factor.as_tuple().exponent)))
    fits = _simple_ratios(exact - last / 2, exact + last)
    if len(fits) > 1:
        return None
    short = (exact * 1000).denominator == 1
    if not fits:
        return exact if short and exact > 1 else None
    (only,) = fits
    smaller = min(only.as_integer_ratio())
    sure = smaller <= _ALWAYS_SIMPLE or only == exact or (smaller <= _SIMPLE and not short)
    return only if sure else None


def _simple_ratios(least: Fraction, below: Fraction) -> set[Fraction]:
    """Return ratios from one up to below another that are for some tens of old units, or of one new unit.

    Where there are several, at least two of them.
    """
    if least <= 0:
        return set()
    parts = range(1, _MOST_OLD + 1)
    found = {Fraction(new, old) for old in parts for new in range(ceil(least * old), ceil(below * old))}
    first, last = floor(1 / below) + 1, floor(1 / least)
    return found | {Fraction(1, old) for old in (first, last) if first <= old <= last}


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
