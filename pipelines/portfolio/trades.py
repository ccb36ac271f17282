"""Trades and realised gains as rows of the document (CALCULATIONS 2).

Belongs here: closed and open trades, disposals lot by lot. Does not: matching (`lots`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from pipelines.portfolio.booking.books import Realized
from pipelines.portfolio.exact import Amount, Units, minus, money, quantity, total
from pipelines.portfolio.holdings import Disposal, Position
from pipelines.portfolio.models import RealizedGain, Trade
from pipelines.portfolio.returns import xirr


def anniversary(day: dt.date) -> dt.date:
    """Return the same day a year later; of 29 February 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return dt.date(day.year + 1, 3, 1)


def realized_gain(item: Disposal) -> RealizedGain:
    """Return a disposal of one lot as the document shows it."""
    row, parts = item.row, item.after
    opened, closed = (row.sold_on, row.bought_on) if row.short else (row.bought_on, row.sold_on)
    return RealizedGain.built(
        symbol=row.key[1],
        account=row.key[0],
        bought_on=row.bought_on,
        sold_on=row.sold_on,
        quantity=quantity(row.units),
        cost_local=money(row.cost.local),
        cost_base=money(row.cost.base),
        proceeds_local=money(row.proceeds.local),
        proceeds_base=money(row.proceeds.base),
        gain_local=money(item.local),
        gain_base=money(parts.gain),
        gain_before_fees_taxes_base=money(item.before.gain),
        price_effect_base=money(parts.price),
        fx_effect_base=money(parts.fx),
        days_held=(closed - opened).days,
        term="long" if closed > anniversary(opened) else "short",
        buy_id=row.buy_id,
        sell_id=row.sell_id,
    )


def closed_trades(rows: Sequence[Realized], since: dt.date | None = None) -> list[Trade]:
    """Return a trade a closing transaction, in order of closing; one that was open before ``since`` is entered then."""
    groups: dict[tuple[str, tuple[str, str]], list[Realized]] = defaultdict(list)
    for row in rows:
        if row.units:
            groups[row.closing_id, row.key].append(row)
    return [_closed_trade(group, since or dt.date.min) for group in groups.values()]


def _closed_trade(group: list[Realized], since: dt.date) -> Trade:
    first = group[0]
    if first.short:
        opens = [(max(row.sold_on, since), row.proceeds.base) for row in group]
        entry, exit_ = total(amount for _, amount in opens), total(row.cost.base for row in group)
        closed = first.bought_on
        before = (total(r.proceeds.base_excluding for r in group), total(r.cost.base_excluding for r in group))
    else:
        opens = [(max(row.bought_on, since), row.cost.base) for row in group]
        entry, exit_ = total(amount for _, amount in opens), total(row.proceeds.base for row in group)
        closed = first.sold_on
        before = (total(r.cost.base_excluding for r in group), total(r.proceeds.base_excluding for r in group))
    units: Units = sum((row.units for row in group), start=0)
    return _trade(first.key, opens, closed, units, entry, exit_, before, short=first.short, closed_on=closed)


def open_trades(positions: Sequence[Position], as_of: dt.date, since: dt.date | None = None) -> list[Trade]:
    """Return a trade for what each holding still has open, at the value of the date, entered at ``since`` at most."""
    trades, first = [], since or dt.date.min
    for position in positions:
        if position.is_open:
            short = position.units < 0
            sign = -1 if short else 1
            opens = [(max(lot.bought_on, first), _signed(lot.open_costs.base, sign)) for lot in position.lots]
            entry = _signed(position.costs.base, sign)
            exit_ = _signed(position.value_base, sign)
            before = (_signed(position.costs.base_excluding, sign), exit_)
            trades.append(
                _trade(
                    position.key, opens, as_of, sign * position.units, entry, exit_, before, short=short, closed_on=None
                )
            )
    return trades


def _signed(amount: Amount, sign: int) -> Amount:
    return None if amount is None else sign * amount


def _trade(
    key: tuple[str, str],
    opens: list[tuple[dt.date, Amount]],
    end: dt.date,
    units: Units,
    entry: Amount,
    exit_: Amount,
    before: tuple[Amount, Amount],
    *,
    short: bool,
    closed_on: dt.date | None,
) -> Trade:
    opened = min(day for day, _ in opens)
    gain = minus(entry, exit_) if short else minus(exit_, entry)
    gross = minus(before[0], before[1]) if short else minus(before[1], before[0])
    return Trade.built(
        symbol=key[1],
        account=key[0],
        side="short" if short else "long",
        opened_on=opened,
        closed_on=closed_on,
        quantity=quantity(units),
        entry_base=money(entry),
        exit_base=money(exit_),
        gain_base=money(gain),
        gain_before_fees_taxes_base=money(gross),
        return_=gain / entry if gain is not None and entry else None,
        xirr=_xirr(opens, end, entry, exit_, short=short),
        days_held=(end - opened).days,
    )


def _xirr(
    opens: list[tuple[dt.date, Amount]], end: dt.date, entry: Amount, exit_: Amount, *, short: bool
) -> float | None:
    """Return the trade's own rate; a short counts as money put in at opening that ends as 2 x entry - exit."""
    if entry is None or exit_ is None:
        return None
    final = 2 * entry - exit_ if short else exit_
    dates = [*(day for day, _ in opens), end]
    amounts = [*(-(amount or 0) / 1e8 for _, amount in opens), final / 1e8]
    return xirr(dates, amounts).rate
