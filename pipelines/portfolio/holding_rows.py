"""Holdings as rows of the document (DESIGN 4).

Belongs here: laying out what is known of one holding. Does not: valuing it (`holdings`).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pipelines.portfolio import lots
from pipelines.portfolio.booked import Booked
from pipelines.portfolio.booking.books import Flow, Key, Tally
from pipelines.portfolio.exact import (
    ONE_MONEY,
    Amount,
    minus,
    money,
    quantity,
    rate_decimal,
    ratio_of,
    total,
    whole_units,
)
from pipelines.portfolio.holding_returns import holding_returns
from pipelines.portfolio.holdings import Disposal, Position, position_effects, total_gain
from pipelines.portfolio.models import Holding, Lot, Rows
from pipelines.portfolio.prices import Quote
from pipelines.portfolio.returns import xirr
from pipelines.portfolio.series import Series

DESCRIBED = ("name", "asset_class", "sector", "industry", "country", "region", "exchange")


def holding_rows(book: Booked, series: Series | None, *, include_closed: bool) -> list[Holding]:
    """Return a row a holding, by account and symbol; those without units on request."""
    by_key: dict[Key, list[Disposal]] = {}
    for item in book.disposals:
        by_key.setdefault(item.row.key, []).append(item)
    returns = holding_returns(series) if series else {}
    rows = []
    for position in book.positions:
        if position.is_open or include_closed:
            tally = book.books.tallies.get(position.key) or Tally()
            twr, untaxed = returns.get(position.key, (None, None))
            rows.append(_holding(book, position, tally, by_key.get(position.key, []), twr, untaxed))
    return rows


def _before_split(quote: Quote) -> dict[str, Any]:
    """Return the price as it was traded, where a split has made it another since, and what a share of now was then."""
    if quote.carried is None:
        return {"price_traded": None, "shares_then": None}
    return {"price_traded": money(quote.carried.close), "shares_then": rate_decimal(quote.carried.share)}


def _holding(
    book: Booked,
    position: Position,
    tally: Tally,
    disposals: list[Disposal],
    twr: float | None,
    untaxed: float | None,
) -> Holding:
    parts = position_effects(position)
    rate, untaxed_rate = _rates(position, book.books.holding_flows.get(position.key, []), book.asked.as_of)
    gain = total_gain(position, tally, disposals)
    whole, value = book.sums.known_value, position.value_base
    return Holding.built(
        symbol=position.key[1],
        account=position.key[0],
        **{name: book.prices.attribute(position.key[1], name) for name in DESCRIBED},
        currency=position.currency,
        quantity=quantity(position.units),
        average_price=money(position.average_price),
        price=money(position.quote.price),
        price_date=position.quote.date,
        price_status=position.quote.status,
        **_before_split(position.quote),
        fx_rate=rate_decimal(position.fx.ratio),
        fx_date=position.fx.date,
        fx_status=position.fx.status,
        cost_local=money(position.costs.local),
        cost_base=money(position.costs.base),
        cost_excluding_fees_and_taxes_base=money(position.costs.base_excluding),
        value_local=money(position.value_local),
        value_base=money(value),
        unrealized_gain_local=money(position.unrealized_local),
        unrealized_gain_base=money(parts.gain),
        price_effect_base=money(parts.price),
        fx_effect_base=money(parts.fx),
        realized_gain_base=money(total(item.after.gain for item in disposals)),
        purchases_base=money(tally.all_purchases),
        proceeds_base=money(tally.all_proceeds),
        income_base=money(tally.income),
        fees_base=money(tally.fees),
        taxes_base=money(tally.taxes),
        total_gain_base=money(gain),
        gain_on_purchases=ratio_of(gain, tally.all_purchases),
        weight=value / whole if value is not None and whole > 0 else None,
        twr=twr,
        twr_before_tax=untaxed,
        xirr=rate,
        xirr_before_tax=untaxed_rate,
        lots=Rows.of(Lot, [_lot(lot, book.asked.as_of) for lot in position.lots if _is_shown(lot)]),
    )


def _rates(position: Position, flows: Sequence[Flow], as_of: dt.date) -> tuple[float | None, float | None]:
    """Return the money-weighted rate after and before tax."""
    after = _rate(position, flows, [flow.amount for flow in flows], as_of)
    if all(flow.tax == 0 for flow in flows):
        return after, after
    return after, _rate(position, flows, [minus(flow.amount, flow.tax) for flow in flows], as_of)


def _rate(position: Position, flows: Sequence[Flow], amounts: Sequence[Amount], as_of: dt.date) -> float | None:
    parts = [-amount / ONE_MONEY for amount in amounts if amount is not None]
    if position.value_base is None or len(parts) < len(amounts):
        return None
    return xirr([as_of, *(flow.date for flow in flows)], [position.value_base / ONE_MONEY, *parts]).rate


def _is_shown(lot: lots.Lot) -> bool:
    """Return whether a lot has a figure: what a reverse split leaves of one may be below the last decimal of all."""
    return bool(whole_units(lot.open_units) or lot.open_costs.local or lot.open_costs.base)


def _lot(lot: lots.Lot, as_of: dt.date) -> Lot:
    costs = lot.open_costs
    return Lot.built(
        bought_on=lot.bought_on,
        quantity=quantity(lot.open_units),
        cost_local=money(costs.local),
        cost_base=money(costs.base),
        days_held=(as_of - lot.bought_on).days,
        transaction_id=lot.lot_id,
    )
