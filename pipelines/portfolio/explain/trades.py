"""Trades, taken apart into the lots they closed or that are still open.

Belongs here: figures of a closing transaction as a whole and of what is open. Does not: a single lot (`lots`).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from pipelines.portfolio.explain.lots import explain_disposal, lot_parts
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import Explanation, Operation, days_between, ended, made, summed, with_rest
from pipelines.portfolio.models import CompleteView, Holding, RealizedGain, Trade

_ROUNDING = Decimal("1e-8")
"""Units that the quantities of some lots, each to ten decimals, are less than their sum."""


class _Asked(NamedTuple):
    """A trade with its lots: rows of realised gains, or the holding that is open."""

    view: CompleteView
    name: str
    trade: Trade
    closed: list[int]
    holding: Holding | None

    @property
    def is_short(self) -> bool:
        return self.trade.side == "short"

    def figure(self, field: str) -> str:
        return f"{self.name}.{field}"


def explain_trades(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of a trade taken apart."""
    trade: Trade = place.row
    closed = _closed(view, trade)
    held = [row for row in view.holdings if (row.account, row.symbol) == (trade.account, trade.symbol)]
    asked = _Asked(view, ".".join(place.names[:2]), trade, closed, held[0] if held and not trade.closing_id else None)
    return _MAKERS[place.field](asked)


def _closed(view: CompleteView, trade: Trade) -> list[int]:
    """Return the numbers of the realised gains that a trade closed: by its transaction, else by its day.

    Lots that a merger or a transfer brings to a short keep the transactions that opened them.
    """
    if trade.closing_id is None:
        return []
    own = [
        (number, row)
        for number, row in enumerate(view.realized_gains)
        if _is_of_same(row, trade) and _is_of_side(row, trade)
    ]
    ends = trade.closing_id, trade.closed_on
    named = [number for number, row in own if _closing(row, trade) == ends]
    if named:
        return named
    others = {(other.closing_id, other.closed_on) for other in view.trades if _is_of_same(other, trade)}
    unnamed = [number for number, row in own if _closing(row, trade)[1] == trade.closed_on]
    unnamed = [number for number in unnamed if _closing(view.realized_gains[number], trade) not in others]
    return _shared_out(view, trade, unnamed)


def _shared_out(view: CompleteView, trade: Trade, numbers: Sequence[int]) -> list[int]:
    """Return which rows are a trade's, of a day on which several came to an end: both stand in the order of booking."""
    own = (row for row in view.realized_gains if _is_of_same(row, trade) and _is_of_side(row, trade))
    names = {_closing(row, trade) for row in own}
    ended = [one for one in view.trades if _is_of_same(one, trade) and one.closed_on == trade.closed_on]
    alike = [one for one in ended if one.side == trade.side and (one.closing_id, one.closed_on) not in names]
    rows, before = list(numbers), alike[: alike.index(trade)]
    for other in before:
        rows = rows[_reaching(view, rows, other.quantity) :]
    return rows if trade == alike[-1] else rows[: _reaching(view, rows, trade.quantity)]


def _reaching(view: CompleteView, numbers: Sequence[int], units: Decimal) -> int:
    """Return how many of the rows make up so many units, but for what rounding has left of them."""
    sums = accumulate(view.realized_gains[number].quantity for number in numbers)
    return next((count for count, done in enumerate(sums, 1) if units - done <= _ROUNDING), len(numbers))


def _is_of_same(row: RealizedGain | Trade, trade: Trade) -> bool:
    return (row.account, row.symbol) == (trade.account, trade.symbol)


def _is_of_side(row: RealizedGain, trade: Trade) -> bool:
    """Return whether a row is of the trade's side: what turns a position over closes one trade and opens another.

    A day's purchases come before its sales, so that no short is covered on the day that opened it.
    """
    return row.bought_on > row.sold_on if trade.side == "short" else row.bought_on <= row.sold_on


def _closing(row: RealizedGain, trade: Trade) -> tuple[str, dt.date]:
    return (row.buy_id, row.bought_on) if trade.side == "short" else (row.sell_id, row.sold_on)


def _lots(asked: _Asked, field: str) -> list[Explanation]:
    """Return one field of the lots: of those closed as the row has it, of those open with the sign of the side."""
    if asked.holding is None:
        rows = asked.view.realized_gains
        return [explain_disposal(asked.view, number, rows[number], field) for number in asked.closed]
    name = f"holdings.{asked.holding.symbol}@{asked.holding.account}"
    parts = lot_parts(asked.view, name, asked.holding, field)
    return [part.minus() for part in parts] if asked.is_short else parts


def _quantity(asked: _Asked) -> Explanation:
    return with_rest(
        asked.figure("quantity"), asked.trade.quantity, _lots(asked, "quantity"), None, "below the tenth decimal"
    )


def _entry(asked: _Asked) -> Explanation:
    field = "cost_base" if asked.holding or not asked.is_short else "proceeds_base"
    unit = asked.view.base_currency
    return summed(asked.figure("entry_base"), asked.trade.entry_base, _lots(asked, field), unit)


def _exit(asked: _Asked) -> Explanation:
    figure, value, unit = asked.figure("exit_base"), asked.trade.exit_base, asked.view.base_currency
    if asked.holding is None:
        return summed(figure, value, _lots(asked, "cost_base" if asked.is_short else "proceeds_base"), unit)
    name = f"holdings.{asked.holding.symbol}@{asked.holding.account}.value_base"
    worth = ended(name, asked.holding.value_base, unit=unit, note="what is open counts at its value")
    return summed(figure, value, [worth.minus() if asked.is_short else worth], unit)


def _gain(asked: _Asked) -> Explanation:
    entry, exit_ = _entry(asked), _exit(asked)
    parts = [entry, exit_.minus()] if asked.is_short else [exit_, entry.minus()]
    return summed(asked.figure("gain_base"), asked.trade.gain_base, parts, asked.view.base_currency)


def _before_charges(asked: _Asked) -> Explanation:
    figure, value = asked.figure("gain_before_fees_taxes_base"), asked.trade.gain_before_fees_taxes_base
    unit = asked.view.base_currency
    if asked.holding is None:
        return summed(figure, value, _lots(asked, "gain_before_fees_taxes_base"), unit)
    return with_rest(figure, value, [_gain(asked)], unit, "fees and taxes within the cost of what is open")


def _return(asked: _Asked) -> Explanation:
    return made(Operation.QUOTIENT, asked.figure("return"), asked.trade.return_, [_gain(asked), _entry(asked)])


def _xirr(asked: _Asked) -> Explanation:
    trade, unit = asked.trade, asked.view.base_currency
    figure = asked.figure("xirr")
    if trade.entry_base is None or trade.exit_base is None or trade.xirr is None:
        return ended(figure, trade.xirr, note="no rate makes its flows worth nothing")
    field = "cost_base" if asked.holding or not asked.is_short else "proceeds_base"
    opens = [_dated("in", day, -part.sign * _exact(part), unit) for day, part in _opened(asked, field)]
    final = 2 * trade.entry_base - trade.exit_base if asked.is_short else trade.exit_base
    out = _dated("out", trade.closed_on or asked.view.as_of, final, unit)
    return made(Operation.XIRR, figure, trade.xirr, [*opens, out])


def _opened(asked: _Asked, field: str) -> list[tuple[dt.date, Explanation]]:
    """Return what each lot was entered at, and when: at the earliest where the view begins."""
    first, view = asked.view.since or dt.date.min, asked.view
    if asked.holding is not None:
        days = [lot.bought_on for lot in asked.holding.lots]
    else:
        rows = [view.realized_gains[number] for number in asked.closed]
        days = [row.sold_on if asked.is_short else row.bought_on for row in rows]
    return [(max(day, first), part) for day, part in zip(days, _lots(asked, field), strict=True)]


def _exact(part: Explanation) -> Decimal:
    return part.value if isinstance(part.value, Decimal) else Decimal(0)


def _dated(name: str, day: dt.date, value: Decimal, unit: str) -> Explanation:
    return ended(f"{name} on {day}", value, unit=unit, data={"date": day.isoformat()})


def _days_held(asked: _Asked) -> Explanation:
    last = asked.trade.closed_on or asked.view.as_of
    opened = {"opened": asked.trade.opened_on.isoformat()}
    return days_between(asked.figure("days_held"), asked.trade.days_held, opened, {"closed": last.isoformat()})


_MAKERS: dict[str, Callable[[_Asked], Explanation]] = {
    "quantity": _quantity,
    "entry_base": _entry,
    "exit_base": _exit,
    "gain_base": _gain,
    "gain_before_fees_taxes_base": _before_charges,
    "return": _return,
    "xirr": _xirr,
    "days_held": _days_held,
}
