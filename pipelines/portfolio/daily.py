"""The days of a series, and its cash and flows by day (CALCULATIONS 4).

Belongs here: which days there are, what cash is worth on each, what crossed the border. Does not: values of holdings
(`holding_values`), returns (`returns`), the figures of one date (`holdings`).
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from pipelines.portfolio.booking.books import Books, CashStep, Flow
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import ONE_UNIT, Amount, minus, plus
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.holding_values import Span
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.products import Factors, Ratios, products


class Grid(NamedTuple):
    """The days of a series as sorted day numbers, and those among them with a price of something held."""

    days: Ints
    priced: frozenset[int]


def day_grid(prices: PriceBook, spans: Sequence[Span], others: Iterable[dt.date]) -> Grid:
    """Return the days with a price of something held, and the other days given."""
    held = prices.days_between(
        [span.key[1] for span in spans], [span.first for span in spans], [span.last for span in spans]
    )
    priced = frozenset(held.tolist())
    return Grid(np.array(sorted(priced.union(map(day_number, others))), dtype=np.int64), priced)


class CashValues(NamedTuple):
    """Value of all cash at the close of each day of the grid, after and before tax; None where a rate is missing."""

    after: list[Amount]
    before_tax: list[Amount]


def daily_cash(books: Books, fx: FxBook, base: str, days: Ints, *, opened_on: dt.date | None = None) -> CashValues:
    """Return what all cash is worth at the close of each day; taxes paid up to the opening of a period are gone."""
    steps: dict[str, list[CashStep]] = defaultdict(list)
    for step in sorted(books.cash_steps, key=lambda step: step.date):
        steps[step.currency].append(step)
    after: list[Amount] = [0] * len(days)
    untaxed: list[Amount] = [0] * len(days)
    for currency, changes in steps.items():
        ratios, at = None if currency == base else fx.ratios(currency, base, days), _reached(changes, days)
        balances = [0, *itertools.accumulate(step.amount for step in changes)]
        before = [0, *itertools.accumulate(_untaxed(step, opened_on) for step in changes)]
        worths = _worths(balances, ratios, at)
        after = list(map(plus, after, worths))
        untaxed = list(map(plus, untaxed, worths if before == balances else _worths(before, ratios, at)))
    return CashValues(after, untaxed)


def _untaxed(step: CashStep, opened_on: dt.date | None) -> int:
    return step.amount if opened_on is not None and step.date <= opened_on else step.before_tax


def _reached(changes: Sequence[CashStep], days: Ints) -> Ints:
    """Return how many of the changes have come about by the close of each day."""
    moved = np.array([day_number(step.date) for step in changes], dtype=np.int64)
    return np.searchsorted(moved, days, side="right")


def _worths(balances: Sequence[int], ratios: Ratios | None, at: Ints) -> list[Amount]:
    """Return what the balance of each day is worth; nothing is worth nothing, whether its rate is known or not.

    Args:
        balances: What the account held after each change.
        ratios: Rates by day; None for the base currency's own.
        at: How many changes there were by each day.
    """
    if ratios is None:
        return [balances[place] for place in at.tolist()]
    of_one = Factors(
        units=balances,
        closes=np.array([ONE_UNIT], dtype=np.int64),
        rates=ratios,
        unit_of=at,
        close_of=np.zeros(len(at), dtype=np.int64),
        rate_of=np.arange(len(at)),
    )
    found = products(of_one)
    if found.known.all() and not found.large:
        whole: list[Amount] = found.value.tolist()
        return whole
    known = found.known.tolist()
    worths = [
        value if known[day] or not balances[place] else None
        for day, (value, place) in enumerate(zip(found.value.tolist(), at.tolist(), strict=True))
    ]
    for day, value in found.large.items():
        worths[day] = value
    return worths


class DayFlow(NamedTuple):
    """What came in and what went out on a day, after and before tax; None where a flow was not known."""

    flow_in: Amount = 0
    flow_out: Amount = 0
    untaxed_in: Amount = 0
    untaxed_out: Amount = 0


NO_FLOW = DayFlow()


def netted(flows: Iterable[Flow]) -> dict[int, DayFlow]:
    """Return what crossed the border by day number.

    The cash legs of an account that keeps no cash are netted per account and day (CALCULATIONS 1), all else is not.
    """
    legs: dict[tuple[int, str], tuple[Amount, Amount]] = {}
    result: dict[int, DayFlow] = {}
    for flow in flows:
        day, whole = day_number(flow.date), flow.amount
        if whole is not None and flow.tax == 0 and not flow.leg and day not in result:  # nearly all of them
            result[day] = DayFlow(whole, 0, whole, 0) if whole >= 0 else DayFlow(0, -whole, 0, -whole)
            continue
        untaxed = whole if flow.tax == 0 else minus(whole, flow.tax)
        if flow.leg:
            amount, before = legs.get((day, flow.account), (0, 0))
            legs[day, flow.account] = plus(amount, whole), plus(before, untaxed)
        else:
            result[day] = _with_flow(result.get(day, NO_FLOW), whole, untaxed)
    for (day, _), (amount, before) in legs.items():
        result[day] = _with_flow(result.get(day, NO_FLOW), amount, before)
    return result


def _with_flow(known: DayFlow, amount: Amount, untaxed: Amount) -> DayFlow:
    return DayFlow(
        *_added(known.flow_in, known.flow_out, amount), *_added(known.untaxed_in, known.untaxed_out, untaxed)
    )


def _added(flow_in: Amount, flow_out: Amount, amount: Amount) -> tuple[Amount, Amount]:
    if amount is None:
        return None, None
    return (plus(flow_in, amount), flow_out) if amount >= 0 else (flow_in, minus(flow_out, amount))
