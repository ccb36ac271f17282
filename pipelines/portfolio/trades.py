"""Trades and realised gains as rows of the document (CALCULATIONS 2).

Belongs here: closed and open trades, disposals lot by lot. Does not: matching (`lots`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from pipelines.portfolio.booking.books import Realized
from pipelines.portfolio.exact import Amount, Units, minus, rate_number, whole_units
from pipelines.portfolio.holdings import Disposal, Position
from pipelines.portfolio.lots import add
from pipelines.portfolio.models import RealizedGain, Rows, Trade
from pipelines.portfolio.returns import xirr


def anniversary(day: dt.date) -> dt.date:
    """Return the same day a year later; of 29 February 1 March."""
    try:
        return dt.date(day.year + 1, day.month, day.day)
    except ValueError:
        return dt.date(day.year + 1, 3, 1)


def realized_gains(items: Sequence[Disposal]) -> Rows[RealizedGain]:
    """Return disposals, a row a lot, as the document shows them."""
    rows, spans = [item.row for item in items], [_span(item.row) for item in items]
    return Rows(
        RealizedGain,
        {
            "symbol": [row.key[1] for row in rows],
            "account": [row.key[0] for row in rows],
            "bought_on": [row.bought_on for row in rows],
            "sold_on": [row.sold_on for row in rows],
            "quantity": [whole_units(row.units) for row in rows],
            "cost_local": [row.cost.local for row in rows],
            "cost_base": [row.cost.base for row in rows],
            "proceeds_local": [row.proceeds.local for row in rows],
            "proceeds_base": [row.proceeds.base for row in rows],
            "gain_local": [item.local for item in items],
            "gain_base": [item.after.gain for item in items],
            "gain_before_fees_taxes_base": [item.before.gain for item in items],
            "price_effect_base": [item.after.price for item in items],
            "fx_effect_base": [item.after.fx for item in items],
            "days_held": [(closed - opened).days for opened, closed in spans],
            "term": ["long" if closed > anniversary(opened) else "short" for opened, closed in spans],
            "buy_id": [row.buy_id for row in rows],
            "sell_id": [row.sell_id for row in rows],
            "fx_rate": [rate_number(row.rate) for row in rows],
        },
    )


def _span(row: Realized) -> tuple[dt.date, dt.date]:
    """Return when what was disposed of was opened and closed."""
    return (row.sold_on, row.bought_on) if row.short else (row.bought_on, row.sold_on)


class _Trade(NamedTuple):
    """A trade's fields, its exact ones as integers."""

    symbol: str
    account: str
    side: str
    opened_on: dt.date
    closed_on: dt.date | None
    quantity: int
    entry_base: Amount
    exit_base: Amount
    gain_base: Amount
    gain_before_fees_taxes_base: Amount
    return_: float | None
    xirr: float | None
    days_held: int
    closing_id: str | None


def trades(
    rows: Sequence[Realized], positions: Sequence[Position], as_of: dt.date, since: dt.date | None
) -> Rows[Trade]:
    """Return the closed trades, then what is still open."""
    found = [*_closed_trades(rows, since), *_open_trades(positions, as_of, since)]
    columns = list(zip(*found, strict=True)) or [()] * len(_Trade._fields)
    return Rows(Trade, dict(zip(_Trade._fields, columns, strict=True)))


def _closed_trades(rows: Sequence[Realized], since: dt.date | None = None) -> list[_Trade]:
    """Return a trade a closing transaction, in order of closing; one that was open before ``since`` is entered then."""
    groups: dict[tuple[str, tuple[str, str]], list[Realized]] = defaultdict(list)
    for row in rows:
        if row.units:
            groups[row.closing_id, row.key].append(row)
    return [_closed_trade(group, since or dt.date.min) for group in groups.values()]


def _closed_trade(group: list[Realized], since: dt.date) -> _Trade:
    first = group[0]
    units, cost, proceeds = first.units, first.cost, first.proceeds
    for row in group[1:]:
        units, cost, proceeds = units + row.units, add(cost, row.cost), add(proceeds, row.proceeds)
    if first.short:
        opens = [(max(row.sold_on, since), row.proceeds.base) for row in group]
        entry, exit_, closed = proceeds, cost, first.bought_on
    else:
        opens = [(max(row.bought_on, since), row.cost.base) for row in group]
        entry, exit_, closed = cost, proceeds, first.sold_on
    before = entry.base_excluding, exit_.base_excluding
    ends = closed, first.closing_id
    return _trade(first.key, opens, ends, units, entry.base, exit_.base, before, short=first.short)


def _open_trades(positions: Sequence[Position], as_of: dt.date, since: dt.date | None = None) -> list[_Trade]:
    """Return a trade for what each holding still has open, at the value of the date, entered at ``since`` at most."""
    trades, first = [], since or dt.date.min
    for position in positions:
        if position.is_open:
            short = position.units < 0
            sign = -1 if short else 1
            opens = [(max(lot.bought_on, first), _signed(lot.open_base, sign)) for lot in position.lots]
            entry = _signed(position.costs.base, sign)
            exit_ = _signed(position.value_base, sign)
            before = (_signed(position.costs.base_excluding, sign), exit_)
            trades.append(
                _trade(position.key, opens, (as_of, None), sign * position.units, entry, exit_, before, short=short)
            )
    return trades


def _signed(amount: Amount, sign: int) -> Amount:
    return None if amount is None else sign * amount


def _trade(
    key: tuple[str, str],
    opens: list[tuple[dt.date, Amount]],
    ends: tuple[dt.date, str | None],
    units: Units,
    entry: Amount,
    exit_: Amount,
    before: tuple[Amount, Amount],
    *,
    short: bool,
) -> _Trade:
    """Return a trade that ends on a day, by a transaction if it is closed."""
    end, closing_id = ends
    opened = min(day for day, _ in opens)
    gain = minus(entry, exit_) if short else minus(exit_, entry)
    gross = minus(before[0], before[1]) if short else minus(before[1], before[0])
    return _Trade(
        symbol=key[1],
        account=key[0],
        side="short" if short else "long",
        opened_on=opened,
        closed_on=None if closing_id is None else end,
        quantity=whole_units(units),
        entry_base=entry,
        exit_base=exit_,
        gain_base=gain,
        gain_before_fees_taxes_base=gross,
        return_=gain / entry if gain is not None and entry is not None and entry > 0 else None,
        xirr=_xirr(opens, end, entry, exit_, short=short),
        days_held=(end - opened).days,
        closing_id=closing_id,
    )


def _xirr(
    opens: list[tuple[dt.date, Amount]], end: dt.date, entry: Amount, exit_: Amount, *, short: bool
) -> float | None:
    """Return the trade's own rate; a short counts as money put in at opening that ends as 2 x entry - exit.

    Nothing was put in where the entry is not above zero.
    """
    if entry is None or entry <= 0 or exit_ is None:  # a short whose charges are above its proceeds
        return None
    final = 2 * entry - exit_ if short else exit_
    dates = [*(day for day, _ in opens), end]
    amounts = [*(-(amount or 0) / 1e8 for _, amount in opens), final / 1e8]
    return xirr(dates, amounts).rate
