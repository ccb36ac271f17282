"""What each holding did on the last day (CALCULATIONS 5): its part of the day's change.

Belongs here: the gain of the last day by holding. Does not: the whole day's change (`summary`), the whole period
(`contribution`).
"""

import datetime as dt

import numpy as np

from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.daily import NO_FLOW
from pipelines.portfolio.days import day_number
from pipelines.portfolio.exact import Amount, minus, plus, ratio_of
from pipelines.portfolio.models import Mover, Rows
from pipelines.portfolio.periods import is_a_day
from pipelines.portfolio.series import Series


def movers(series: Series, as_of: dt.date) -> Rows[Mover]:
    """Return a row for each holding of the last day or the day before, the largest gain first.

    Changes of holdings and of cash add up to the day's change. Without two days that make the change of one there is no
    row; a holding whose value of either day is not known has no change, and comes last.
    """
    days = series.days
    if not is_a_day([day.date for day in days], as_of):
        return Rows.of(Mover)
    before, after = (_values(series, len(days) - back) for back in (2, 1))
    last = day_number(days[-1].date)
    rows = [_row(key, before.get(key, 0), after.get(key, 0), series, last) for key in {**before, **after}]
    rows.sort(key=_by_gain)
    names = ("symbol", "account", "opening_base", "flow_in_base", "flow_out_base", "change_base", "day_return")
    return Rows(Mover, {name: [row[at] for row in rows] for at, name in enumerate(names)})


_Row = tuple[str, str, Amount, Amount, Amount, Amount, float | None]


def _by_gain(row: _Row) -> tuple[bool, int, str, str]:
    symbol, account, *_, change, _ = row
    return change is None, -(change or 0), symbol, account


def _row(key: Key, opening: Amount, closing: Amount, series: Series, day: int) -> _Row:
    moved = series.moves.get(key, {}).get(day, NO_FLOW)
    change = minus(minus(closing, opening), minus(moved.flow_in, moved.flow_out))
    part = ratio_of(change, plus(opening, moved.flow_in))
    return key[1], key[0], opening, moved.flow_in, moved.flow_out, change, part


def _values(series: Series, at: int) -> dict[Key, Amount]:
    """Return what each holding was worth on a day of the series, None where that is not known."""
    held = series.held
    rows = np.flatnonzero(held.at == at).tolist()
    worth = held.values
    return {
        held.keys[held.holding[row]]: worth.large.get(row, int(worth.value[row])) if worth.known[row] else None
        for row in rows
    }
