"""Dividends of the next twelve months (CALCULATIONS 8).

Belongs here: what is declared for days to come, and the last year's pattern at the frequency that is detected. Does
not: what was due already (`dividends`).
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pipelines.portfolio.booking.books import Key, Split
from pipelines.portfolio.dividends import YEAR, Declared, Due, Entitlement, Periodicity, due, periodicity
from pipelines.portfolio.exact import Ratio, scaled
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.named_periods import months_before

_SATURDAY = 5
_MONTHS = {Periodicity.MONTHLY: 1, Periodicity.QUARTERLY: 3, Periodicity.SEMIANNUAL: 6, Periodicity.ANNUAL: 12}


class Coming(Struct, frozen=True, gc=False):
    """A dividend to come: declared already, or the last year's again."""

    due: Due
    is_declared: bool


def coming(
    declared: Mapping[str, Sequence[Declared]],
    held: Iterable[tuple[Key, int]],
    splits: Mapping[str, Sequence[Split]],
    *,
    fx: FxBook,
    base: str,
    as_of: dt.date,
) -> list[Coming]:
    """Return the next twelve months on what is held: what is declared, then the last year's pattern, growth 0.

    A payment of the last year is not repeated where a declared one lies within half its interval.
    """
    result, next_year = [], as_of + YEAR
    for (account, symbol), units in held:
        rows = declared.get(symbol, ())
        if units <= 0 or not rows:
            continue
        known = [row for row in rows if as_of < row.ex_date <= next_year]
        pattern = _repeated(rows, known, splits.get(symbol, ()), as_of)
        both = [(row, True) for row in known] + [(row, False) for row in pattern]
        for row, is_declared in sorted(both, key=lambda item: item[0].ex_date):
            result.append(Coming(due(Entitlement.of(row, account, units), fx, base, as_of), is_declared))
    return result


def _repeated(
    rows: Sequence[Declared], known: Sequence[Declared], splits: Sequence[Split], as_of: dt.date
) -> list[Declared]:
    """Return the last year's payments a year later, as many as the frequency has, where none is declared."""
    year_ago, two_years_ago = as_of - YEAR, as_of - 2 * YEAR
    last_year = [row for row in rows if year_ago < row.ex_date <= as_of]
    if not last_year:
        return []
    pattern = [_again(_of_now(row, splits), row.ex_date + YEAR) for row in last_year]
    months = _MONTHS.get(periodicity(row.ex_date for row in rows if two_years_ago < row.ex_date <= as_of))
    if months is not None:
        pattern = _at_frequency(pattern, months, as_of)
    room = YEAR / (2 * max(1, len(pattern)))
    return [row for row in pattern if not any(abs(other.ex_date - row.ex_date) <= room for other in known)]


def _at_frequency(pattern: Sequence[Declared], months: int, as_of: dt.date) -> list[Declared]:
    """Return as many payments as a year has of so many months each.

    One too many (a special one, or the same one early and late in the year) is that which stands nearest to others. One
    that lacks (there were no more yet, or one was left out) is the latest again, so many months after it.
    """
    wanted, kept = 12 // months, list(pattern)
    while len(kept) > wanted:
        kept.remove(min(kept, key=lambda row: _distance(row, kept)))
    if len(kept) == wanted:
        return kept
    latest, half = kept[-1], YEAR / (2 * wanted)
    days = [months_before(latest.ex_date - YEAR, -months * step) for step in range(1, 2 * wanted + 1)]
    return [
        next((row for row in kept if abs(row.ex_date - day) <= half), _again(latest, day))
        for day in days
        if as_of < day <= as_of + YEAR
    ]


def _distance(row: Declared, rows: Sequence[Declared]) -> int:
    """Return the days to the payments before and after, in a year that ends where it begins."""
    gaps = sorted((row.ex_date - other.ex_date).days % YEAR.days for other in rows if other is not row)
    return gaps[0] + YEAR.days - gaps[-1]


def _again(row: Declared, ex_date: dt.date) -> Declared:
    """Return the same dividend on another day, and paid as long after it."""
    pay = None if row.pay_date is None else _working(row.pay_date + (ex_date - row.ex_date))
    return replace(row, ex_date=_working(ex_date), pay_date=pay)


def _working(day: dt.date) -> dt.date:
    """Return a day, or the Monday after it: the same day of a later month or year may be of a weekend."""
    return day if day.weekday() < _SATURDAY else day + dt.timedelta(days=7 - day.weekday())


def _of_now(row: Declared, splits: Sequence[Split]) -> Declared:
    """Return a dividend a share as of now: a split since has made more and smaller shares."""
    amount = row.amount
    for split in splits[bisect_right([split.date for split in splits], row.ex_date) :]:
        amount = scaled(amount, Ratio(split.old, split.new))
    return replace(row, amount=amount)
