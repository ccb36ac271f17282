"""Figures of holdings, taken apart.

Belongs here: value, cost, gains and sums of one holding, and of all accounts' holdings of a symbol. Does not: its lots
and disposals (`lots`), totals of the portfolio (`totals`).
"""

from collections.abc import Callable
from decimal import Decimal

from pipelines.portfolio.exact import whole
from pipelines.portfolio.explain.entries import fee_of, of_entries, proceeds_of, purchase_of, tax_of
from pipelines.portfolio.explain.income import received_rows
from pipelines.portfolio.explain.lots import disposals_of, explain_lot, lot_parts
from pipelines.portfolio.explain.paths import ByAccount, Place
from pipelines.portfolio.explain.quotes import price_row
from pipelines.portfolio.explain.rates import before_tax, rate_of
from pipelines.portfolio.explain.tree import Explanation, Operation, Value, ended, made, summed, with_rest
from pipelines.portfolio.models import CompleteView, Holding, Lot

_NO_DAYS = "the chain of the holding's own days: the document has daily values of the whole portfolio only"
_REST = "came or went with lots, or opened the period"


def explain_holdings(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of a holding, of one of its lots, or of all holdings of a symbol, taken apart."""
    if isinstance(place.row, Lot):
        return explain_lot(view, place.path, place.row, place.field)
    if isinstance(place.row, ByAccount):
        return _of_accounts(view, place)
    return explain_holding(view, place.row, place.field)


def explain_holding(view: CompleteView, holding: Holding, field: str) -> Explanation:
    """Return a figure of one holding taken apart."""
    return _MAKERS[field](view, holding)


def _of_accounts(view: CompleteView, place: Place) -> Explanation:
    parts = [explain_holding(view, row, place.field) for row in place.row.rows]
    if place.field != "quantity" and not place.field.endswith(("_base", "_local")):
        return ended(place.path, None, note="by account", parts=parts)
    together = whole(part.value if isinstance(part.value, Decimal) else None for part in parts)
    return summed(place.path, together, parts, parts[0].unit)


def _name(holding: Holding) -> str:
    return f"holdings.{holding.symbol}@{holding.account}"


def _figure(view: CompleteView, holding: Holding, field: str) -> tuple[str, Value, str | None]:
    """Return name, value and unit of a figure."""
    unit = view.base_currency if field.endswith("_base") else holding.currency if _is_local(field) else None
    return f"{_name(holding)}.{field}", getattr(holding, field), unit


def _is_local(field: str) -> bool:
    return field.endswith("_local") or field in {"price", "price_traded", "average_price"}


def _sum(view: CompleteView, holding: Holding, field: str, parts: list[Explanation]) -> Explanation:
    figure, value, unit = _figure(view, holding, field)
    return summed(figure, value, parts, unit)


def _product(view: CompleteView, holding: Holding, field: str, *of: str) -> Explanation:
    figure, value, unit = _figure(view, holding, field)
    return made(Operation.PRODUCT, figure, value, [explain_holding(view, holding, name) for name in of], unit=unit)


def _quotient(view: CompleteView, holding: Holding, field: str, parts: list[Explanation]) -> Explanation:
    figure, value, unit = _figure(view, holding, field)
    return made(Operation.QUOTIENT, figure, value, parts, unit=unit)


def _price(view: CompleteView, holding: Holding) -> Explanation:
    figure, value, unit = _figure(view, holding, "price")
    if holding.price_traded is not None:
        parts = [_price_traded(view, holding), _shares_then(view, holding)]
        return made(Operation.PRODUCT, figure, value, parts, unit=unit)
    return ended(figure, value, unit=unit, source=_price_row(view, holding), note=holding.price_status.value)


def _price_traded(view: CompleteView, holding: Holding) -> Explanation:
    figure, value, unit = _figure(view, holding, "price_traded")
    source = None if value is None else _price_row(view, holding)
    note = "no split since" if value is None else holding.price_status.value
    return ended(figure, value, unit=unit, source=source, note=note)


def _shares_then(view: CompleteView, holding: Holding) -> Explanation:
    figure, value, _ = _figure(view, holding, "shares_then")
    if value is None:
        return ended(figure, value, note="no split since")
    source = f"split_history {holding.symbol} after {holding.price_date}"
    return ended(figure, value, source=source, note="or the ledger's own rows of these splits")


def _price_row(view: CompleteView, holding: Holding) -> str | None:
    is_stated = holding.price_date == view.provenance.stated_closes.get(holding.symbol)
    table = "manual_prices" if is_stated else "price_history"
    return price_row(holding.symbol, holding.price_date, holding.price_status, table)


def _rate(view: CompleteView, holding: Holding) -> Explanation:
    pair = f"{holding.currency}/{view.base_currency}"
    source = f"fx_history {pair} {holding.fx_date}" if holding.fx_date else None
    note = "one currency" if holding.currency == view.base_currency else holding.fx_status.value
    return ended(f"{_name(holding)}.fx_rate", holding.fx_rate, source=source, note=note)


def _of_lots(field: str) -> Callable[[CompleteView, Holding], Explanation]:
    def maker(view: CompleteView, holding: Holding) -> Explanation:
        figure, value, unit = _figure(view, holding, field)
        if not holding.lots:
            return ended(figure, value, unit=unit, note="no lot is open")
        return with_rest(
            figure, value, lot_parts(view, _name(holding), holding, field), unit, "below the tenth decimal"
        )

    return maker


def _before_charges(view: CompleteView, holding: Holding) -> Explanation:
    figure, value, unit = _figure(view, holding, "cost_excluding_fees_and_taxes_base")
    cost = explain_holding(view, holding, "cost_base")
    return with_rest(figure, value, [cost], unit, "less the fees and taxes within it")


def _average_price(view: CompleteView, holding: Holding) -> Explanation:
    figure, value, unit = _figure(view, holding, "average_price")
    if value is None:
        return ended(figure, value, unit=unit, note="nothing is held, or its cost is not known")
    before = (holding.average_price or Decimal(0)) * holding.quantity
    cost = explain_holding(view, holding, "cost_local")
    above = with_rest("cost before fees and taxes", before, [cost], unit, "less the fees and taxes within it")
    return made(Operation.QUOTIENT, figure, value, [above, explain_holding(view, holding, "quantity")], unit=unit)


def _gain(field: str, value: str, cost: str) -> Callable[[CompleteView, Holding], Explanation]:
    def maker(view: CompleteView, holding: Holding) -> Explanation:
        worth, paid = explain_holding(view, holding, value), explain_holding(view, holding, cost)
        return _sum(view, holding, field, [worth, paid.minus()])

    return maker


def _of_disposals(view: CompleteView, holding: Holding, field: str) -> list[Explanation]:
    return disposals_of(view, field, key=(holding.account, holding.symbol))


def _realized(view: CompleteView, holding: Holding) -> Explanation:
    rows = _of_disposals(view, holding, "gain_base")
    figure, value, unit = _figure(view, holding, "realized_gain_base")
    return summed(figure, value, rows, unit, None if rows else "nothing was disposed of")


def _of_entries(field: str, amount: Callable[..., Decimal | None]) -> Callable[[CompleteView, Holding], Explanation]:
    def maker(view: CompleteView, holding: Holding) -> Explanation:
        figure, value, _ = _figure(view, holding, field)
        exact = value if isinstance(value, Decimal) else None
        return of_entries(view, figure, exact, amount, rest=_REST, key=(holding.account, holding.symbol))

    return maker


def _income(view: CompleteView, holding: Holding) -> Explanation:
    rows = received_rows(view, "gross_base", lambda row: (row.account, row.symbol) == (holding.account, holding.symbol))
    figure, value, unit = _figure(view, holding, "income_base")
    return summed(figure, value, rows, unit, None if rows else "nothing was received")


def _total_gain(view: CompleteView, holding: Holding) -> Explanation:
    def of(field: str) -> Explanation:
        return explain_holding(view, holding, field)

    before = _of_disposals(view, holding, "gain_before_fees_taxes_base")
    held = [of("value_base"), of("cost_excluding_fees_and_taxes_base").minus()] if holding.lots else []
    charges = [of("fees_base").minus(), of("taxes_base").minus()]
    return _sum(view, holding, "total_gain_base", [*held, *before, of("income_base"), *charges])


def _gain_on_purchases(view: CompleteView, holding: Holding) -> Explanation:
    parts = [explain_holding(view, holding, field) for field in ("total_gain_base", "purchases_base")]
    return _quotient(view, holding, "gain_on_purchases", parts)


def _weight(view: CompleteView, holding: Holding) -> Explanation:
    whole = ended("summary.value", view.summary.value, unit=view.base_currency)
    return _quotient(view, holding, "weight", [explain_holding(view, holding, "value_base"), whole])


def _before_tax(field: str) -> Callable[[CompleteView, Holding], Explanation]:
    def maker(view: CompleteView, holding: Holding) -> Explanation:
        after = explain_holding(view, holding, field)
        figure, value, _ = _figure(view, holding, f"{field}_before_tax")
        return before_tax(figure, value, after, explain_holding(view, holding, "taxes_base"))

    return maker


_MAKERS: dict[str, Callable[[CompleteView, Holding], Explanation]] = {
    "quantity": _of_lots("quantity"),
    "average_price": _average_price,
    "price": _price,
    "price_traded": _price_traded,
    "shares_then": _shares_then,
    "fx_rate": _rate,
    "cost_local": _of_lots("cost_local"),
    "cost_base": _of_lots("cost_base"),
    "cost_excluding_fees_and_taxes_base": _before_charges,
    "value_local": lambda view, holding: _product(view, holding, "value_local", "quantity", "price"),
    "value_base": lambda view, holding: _product(view, holding, "value_base", "quantity", "price", "fx_rate"),
    "unrealized_gain_local": _gain("unrealized_gain_local", "value_local", "cost_local"),
    "unrealized_gain_base": _gain("unrealized_gain_base", "value_base", "cost_base"),
    "price_effect_base": lambda view, holding: _product(
        view, holding, "price_effect_base", "unrealized_gain_local", "fx_rate"
    ),
    "fx_effect_base": _gain("fx_effect_base", "unrealized_gain_base", "price_effect_base"),
    "realized_gain_base": _realized,
    "purchases_base": _of_entries("purchases_base", purchase_of),
    "proceeds_base": _of_entries("proceeds_base", proceeds_of),
    "income_base": _income,
    "fees_base": _of_entries("fees_base", fee_of),
    "taxes_base": _of_entries("taxes_base", tax_of),
    "total_gain_base": _total_gain,
    "gain_on_purchases": _gain_on_purchases,
    "weight": _weight,
    "twr": lambda view, holding: ended(*_figure(view, holding, "twr")[:2], note=_NO_DAYS),
    "twr_before_tax": _before_tax("twr"),
    "xirr": lambda view, holding: rate_of(view, holding, f"{_name(holding)}.xirr"),
    "xirr_before_tax": _before_tax("xirr"),
}
