"""Lots and disposals, taken apart.

Belongs here: figures of an open lot, of a lot that a disposal closed. Does not: the holding (`holdings`), the closing
transaction as a whole (`trades`).
"""

from collections.abc import Callable

from pipelines.portfolio.explain.entries import entry_data, source_of
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import (
    Explanation,
    Operation,
    days_between,
    ended,
    made,
    summed,
    with_rest,
)
from pipelines.portfolio.models import CompleteView, Holding, Lot, RealizedGain


def lot_parts(view: CompleteView, name: str, holding: Holding, field: str) -> list[Explanation]:
    """Return one field of every open lot of a holding."""
    return [
        explain_lot(view, f"{name}.lots.{number}.{field}", lot, field, holding.currency)
        for number, lot in enumerate(holding.lots)
    ]


def explain_lot(view: CompleteView, figure: str, lot: Lot, field: str, currency: str | None = None) -> Explanation:
    """Return a figure of an open lot: what the transaction that opened it left."""
    if field == "days_held":
        first, last = {"opened": lot.bought_on.isoformat()}, {"as of": view.as_of.isoformat()}
        return days_between(figure, lot.days_held, first, last)
    data = {"bought_on": lot.bought_on.isoformat(), "quantity": f"{lot.quantity:f}"}
    bought = {f"bought_{name}": item for name, item in entry_data(view, lot.transaction_id).items()}
    unit = view.base_currency if field == "cost_base" else currency if field == "cost_local" else None
    source = source_of(lot.transaction_id)
    return ended(figure, getattr(lot, field), unit=unit, source=source, data=data | bought)


def disposals_of(view: CompleteView, field: str, *, key: tuple[str, str] | None = None) -> list[Explanation]:
    """Return one field of every lot that was disposed of, of one account and symbol or of all."""
    return [
        explain_disposal(view, number, row, field)
        for number, row in enumerate(view.realized_gains)
        if key is None or (row.account, row.symbol) == key
    ]


def explain_realized(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of a disposal of one lot taken apart."""
    return explain_disposal(view, int(place.names[1]), place.row, place.field)


def explain_disposal(view: CompleteView, number: int, row: RealizedGain, field: str) -> Explanation:
    """Return a figure of a disposal of one lot, with both transactions."""
    return _MAKERS[field](_Disposal(view, number, row))


class _Disposal:
    """A row of realised gains, whose figures are made of each other."""

    def __init__(self, view: CompleteView, number: int, row: RealizedGain) -> None:
        self.view, self.number, self.row = view, number, row

    def named(self, field: str) -> str:
        return f"realized_gains.{self.number}.{field}"

    def unit(self, field: str) -> str | None:
        return self.view.base_currency if field.endswith("_base") else None

    def of(self, field: str) -> Explanation:
        return _MAKERS[field](self)

    def stated(self, field: str, transaction_id: str) -> Explanation:
        source, data = source_of(transaction_id), entry_data(self.view, transaction_id)
        return ended(self.named(field), getattr(self.row, field), unit=self.unit(field), source=source, data=data)

    def less(self, field: str, whole: str, part: str) -> Explanation:
        parts = [self.of(whole), self.of(part).minus()]
        return summed(self.named(field), getattr(self.row, field), parts, self.unit(field))

    def before_charges(self) -> Explanation:
        field = "gain_before_fees_taxes_base"
        rest = "fees and taxes of both transactions"
        return with_rest(self.named(field), getattr(self.row, field), [self.of("gain_base")], self.unit(field), rest)

    def price_effect(self) -> Explanation:
        field = "price_effect_base"
        parts = [self.of("gain_local"), self.of("fx_rate")]
        value = self.row.price_effect_base
        return made(Operation.PRODUCT, self.named(field), value, parts, unit=self.unit(field))

    def rate(self) -> Explanation:
        note = "one currency" if self.row.fx_rate == 1 else "of the instrument's currency when it was closed"
        closing = self.row.buy_id if self.row.bought_on > self.row.sold_on else self.row.sell_id
        return self.stated("fx_rate", closing).model_copy(update={"note": note})

    def days_held(self) -> Explanation:
        bought, sold = {"bought": self.row.bought_on.isoformat()}, {"sold": self.row.sold_on.isoformat()}
        first, last = (bought, sold) if self.row.bought_on <= self.row.sold_on else (sold, bought)
        return days_between(self.named("days_held"), self.row.days_held, first, last)


_MAKERS: dict[str, Callable[[_Disposal], Explanation]] = {
    "quantity": lambda row: row.stated("quantity", row.row.sell_id),
    "cost_local": lambda row: row.stated("cost_local", row.row.buy_id),
    "cost_base": lambda row: row.stated("cost_base", row.row.buy_id),
    "proceeds_local": lambda row: row.stated("proceeds_local", row.row.sell_id),
    "proceeds_base": lambda row: row.stated("proceeds_base", row.row.sell_id),
    "gain_local": lambda row: row.less("gain_local", "proceeds_local", "cost_local"),
    "gain_base": lambda row: row.less("gain_base", "proceeds_base", "cost_base"),
    "gain_before_fees_taxes_base": _Disposal.before_charges,
    "price_effect_base": _Disposal.price_effect,
    "fx_effect_base": lambda row: row.less("fx_effect_base", "gain_base", "price_effect_base"),
    "fx_rate": _Disposal.rate,
    "days_held": _Disposal.days_held,
}
