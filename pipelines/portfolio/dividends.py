"""Dividends that are due (CALCULATIONS 8).

Belongs here: what a declared dividend pays on the units held, and which of them the ledger confirms. Does not: the next
twelve months (`projection`), income that was received (`income`); an expectation enters no value and no return.
"""

import datetime as dt
import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import polars as pl
from msgspec import Struct

from pipelines.portfolio.booking.books import Income, Key
from pipelines.portfolio.exact import Amount, Ratio, converted, integers, scaled, worth
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.transactions import Kind

CONFIRMED_WITHIN = dt.timedelta(days=45)
CONFIRMED_WITHIN_SHARE = 0.15
YEAR = dt.timedelta(days=365)
Steps = Mapping[Key, Sequence[tuple[dt.date, int]]]


class Periodicity(StrEnum):
    """How often a symbol pays; INDEFINITE after a single payment."""

    NONE = "NONE"
    INDEFINITE = "INDEFINITE"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    SEMIANNUAL = "SEMIANNUAL"
    ANNUAL = "ANNUAL"
    IRREGULAR = "IRREGULAR"


# Days between two payments, from and up to, with room for shifted weeks and early or late years.
_INTERVALS = (
    (20, 45, Periodicity.MONTHLY),
    (60, 130, Periodicity.QUARTERLY),
    (131, 270, Periodicity.SEMIANNUAL),
    (271, 430, Periodicity.ANNUAL),
)


def periodicity(days: Iterable[dt.date]) -> Periodicity:
    """Return how often payments come: by the median of the days between them, so that a gap changes nothing.

    >>> periodicity([dt.date(2019, 1, 15), dt.date(2019, 7, 15)])
    <Periodicity.SEMIANNUAL: 'SEMIANNUAL'>
    """
    ordered = sorted(set(days))
    if len(ordered) < 2:  # noqa: PLR2004 - an interval has two ends
        return Periodicity.INDEFINITE if ordered else Periodicity.NONE
    gaps = sorted((after - before).days for before, after in itertools.pairwise(ordered))
    middle = gaps[(len(gaps) - 1) // 2]
    return next((name for low, high, name in _INTERVALS if low <= middle <= high), Periodicity.IRREGULAR)


class Declared(Struct, frozen=True, gc=False):
    """A dividend as declared, integers of 1e-8 a share."""

    symbol: str
    ex_date: dt.date
    pay_date: dt.date | None
    amount: int
    currency: str


class Entitlement(Struct, frozen=True, gc=False):
    """What a dividend pays on the units of one account, in its own currency."""

    declared: Declared
    account: str
    units: int
    gross_local: int

    @classmethod
    def of(cls, dividend: Declared, account: str, units: int) -> "Entitlement":
        """Return what a dividend pays on units."""
        return cls(dividend, account, units, worth(units, dividend.amount))


class Due(Struct, frozen=True, gc=False):
    """An entitlement, and what it is worth in the view's currency."""

    declared: Declared
    account: str
    units: int
    gross_local: int
    gross: Amount
    rate: Ratio | None


def declared_of(frame: pl.DataFrame, symbols: set[str]) -> dict[str, list[Declared]]:
    """Return the dividends of the symbols that matter, by symbol and ex-date."""
    rows = frame.filter(pl.col("symbol").is_in(list(symbols))).sort("symbol", "ex_date")
    columns = [rows[name].to_list() for name in ("symbol", "ex_date", "pay_date")]
    found: dict[str, list[Declared]] = defaultdict(list)
    for row in zip(*columns, integers(rows["amount"]), rows["currency"].to_list(), strict=True):
        found[row[0]].append(Declared(*row))
    return found


def rivals(declared: Mapping[str, Sequence[Declared]], after: dt.date | None) -> Mapping[str, Sequence[Declared]]:
    """Return the dividends with an ex-date after a day, and those before it that the same payments may confirm.

    Args:
        declared: Dividends by symbol, by ex-date.
        after: The day; None for all.
    """
    return declared if after is None else {symbol: _rivals(rows, after) for symbol, rows in declared.items()}


def _rivals(rows: Sequence[Declared], after: dt.date) -> Sequence[Declared]:
    at, day = bisect_right(rows, after, key=lambda row: row.ex_date), after
    while at and day - rows[at - 1].ex_date <= CONFIRMED_WITHIN:
        at, day = at - 1, rows[at - 1].ex_date
    return rows[at:]


def entitlements(declared: Mapping[str, Sequence[Declared]], steps: Steps, *, until: dt.date) -> list[Entitlement]:
    """Return what was due, by account: units held at the close before the ex-date x amount as of that date.

    Args:
        declared: Dividends by symbol.
        steps: Units from a day on, by account and symbol.
        until: Last ex-date.
    """
    result = []
    for (account, symbol), changes in sorted(steps.items()):
        days = [day for day, _ in changes]
        for dividend in declared.get(symbol, ()):
            if dividend.ex_date > until:
                continue
            at = bisect_left(days, dividend.ex_date) - 1
            if at >= 0 and (units := changes[at][1]) > 0:
                result.append(Entitlement.of(dividend, account, units))
    return result


def due(item: Entitlement, fx: FxBook, base: str, day: dt.date) -> Due:
    """Return an entitlement with its worth in the view's currency at the rate of a day."""
    ratio = fx.rate(item.declared.currency, base, day).ratio
    gross = converted(item.gross_local, ratio)
    return Due(item.declared, item.account, item.units, item.gross_local, gross, ratio)


def unconfirmed(rows: Sequence[Entitlement], income: Sequence[Income], fx: FxBook) -> list[Entitlement]:
    """Return what no dividend of the ledger confirms: within 45 days after the ex-date and 15 % of the gross.

    Each dividend confirms one entitlement, of its own account first, for it may be booked where the money went.
    """
    paid: dict[str, list[Income]] = defaultdict(list)
    for row in income:
        if row.transaction.kind is Kind.DIVIDEND and row.transaction.symbol is not None:
            paid[row.transaction.symbol].append(row)
    days = {symbol: [row.transaction.date for row in found] for symbol, found in paid.items()}

    def within(item: Entitlement) -> Sequence[Income]:
        symbol, ex_date = item.declared.symbol, item.declared.ex_date
        known = days.get(symbol, ())
        first, end = bisect_left(known, ex_date), bisect_right(known, ex_date + CONFIRMED_WITHIN)
        return paid[symbol][first:end] if end > first else ()

    used: set[str] = set()
    waiting = [(item, within(item)) for item in rows]
    for same_account in (True, False):
        waiting = [
            (item, near) for item, near in waiting if not _confirmed(item, near, used, fx, same_account=same_account)
        ]
    return [item for item, _ in waiting]


def _confirmed(item: Entitlement, rows: Sequence[Income], used: set[str], fx: FxBook, *, same_account: bool) -> bool:
    """Return whether one of the dividends confirms the entitlement, and use it up."""
    for row in rows:
        stated = row.transaction
        if stated.transaction_id in used or (same_account and stated.account != item.account):
            continue
        ratio = fx.rate(stated.currency, item.declared.currency, stated.date).ratio
        if ratio is not None and _is_near(scaled(row.gross_local, ratio), item.gross_local):
            used.add(stated.transaction_id)
            return True
    return False


def _is_near(stated: int, expected: int) -> bool:
    return abs(stated - expected) <= CONFIRMED_WITHIN_SHARE * expected
