"""Figures of holdings and disposals, taken apart.

Belongs here: value, cost, gains and sums of one holding or of all accounts' holdings of a symbol. Does not: totals of
the portfolio (`totals`), returns (`performance`).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from pipelines.portfolio.explain.tree import Explanation, Operation, plain_value
from pipelines.portfolio.models import CompleteView, Holding, JournalEntry, RealizedGain, plain

_PURCHASES = frozenset({"BUY", "DELIVERY_IN"})
_PROCEEDS = frozenset({"SELL", "DELIVERY_OUT", "RETURN_OF_CAPITAL", "MERGER"})


def entry_row(entry: JournalEntry, value: Decimal | None, figure: str, unit: str) -> Explanation:
    """Return what a transaction brought to a figure."""
    shown = ("date", "type", "account", "symbol", "quantity", "amount", "fee", "tax", "currency", "fx_rate")
    data = {name: getattr(entry, name) for name in shown}
    return Explanation(
        figure=figure,
        value=value,
        unit=unit,
        source=f"transactions {entry.transaction_id}",
        data={name: _text(item) for name, item in data.items() if item is not None},
    )


def _text(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def _name(holding: Holding) -> str:
    return f"holdings.{holding.symbol}@{holding.account}"


def explain_holding(view: CompleteView, holding: Holding, field: str) -> Explanation:
    """Return a figure of one holding taken apart; one that is not made of others ends there."""
    maker = _MAKERS.get(field)
    if maker is None:
        return Explanation(figure=f"{_name(holding)}.{field}", value=plain_value(getattr(holding, field)))
    return maker(view, holding)


def _value(view: CompleteView, holding: Holding) -> Explanation:
    name = _name(holding)
    price = Explanation(
        figure=f"price of {holding.symbol}",
        value=holding.price,
        unit=holding.currency,
        source=f"price_history {holding.symbol} {holding.price_date}" if holding.price_date else None,
        note=holding.price_status,
    )
    units = _units(holding)
    rate = _rate(view, holding)
    return Explanation(
        figure=f"{name}.value_base",
        value=holding.value_base,
        unit=view.base_currency,
        operation=Operation.PRODUCT,
        parts=[units, price, rate],
    )


def _rate(view: CompleteView, holding: Holding) -> Explanation:
    pair = f"{holding.currency}/{view.base_currency}"
    return Explanation(
        figure=f"rate {pair}",
        value=holding.fx_rate,
        source=f"fx_history {pair} {holding.fx_date}" if holding.fx_date else None,
        note=holding.fx_status if holding.fx_date else "one currency",
    )


def _units(holding: Holding) -> Explanation:
    lots = [
        Explanation(figure=f"lot of {lot.bought_on}", value=lot.quantity, source=f"transactions {lot.transaction_id}")
        for lot in holding.lots
    ]
    return Explanation(figure=f"{_name(holding)}.quantity", value=holding.quantity, operation=Operation.SUM, parts=lots)


def _cost(view: CompleteView, holding: Holding) -> Explanation:
    lots = []
    for lot in holding.lots:
        entry = view.entries.get(lot.transaction_id)
        data = {"bought_on": str(lot.bought_on), "quantity": str(lot.quantity)}
        bought = entry_row(entry, lot.cost_base, "", view.base_currency).data if entry else {}
        lots.append(
            Explanation(
                figure=f"cost of the lot of {lot.bought_on}",
                value=lot.cost_base,
                unit=view.base_currency,
                source=f"transactions {lot.transaction_id}",
                data=data | {f"bought_{name}": item for name, item in bought.items()},
            )
        )
    return _summed(view, f"{_name(holding)}.cost_base", holding.cost_base, lots)


def _summed(view: CompleteView, figure: str, value: Decimal | None, parts: Sequence[Explanation]) -> Explanation:
    return Explanation(figure=figure, value=value, unit=view.base_currency, operation=Operation.SUM, parts=list(parts))


def _unrealized(view: CompleteView, holding: Holding) -> Explanation:
    parts = [_value(view, holding), _cost(view, holding).minus()]
    return _summed(view, f"{_name(holding)}.unrealized_gain_base", holding.unrealized_gain_base, parts)


def _price_effect(view: CompleteView, holding: Holding) -> Explanation:
    gain = Explanation(
        figure=f"{_name(holding)}.unrealized_gain_local", value=holding.unrealized_gain_local, unit=holding.currency
    )
    return Explanation(
        figure=f"{_name(holding)}.price_effect_base",
        value=holding.price_effect_base,
        unit=view.base_currency,
        operation=Operation.PRODUCT,
        parts=[gain, _rate(view, holding)],
    )


def _fx_effect(view: CompleteView, holding: Holding) -> Explanation:
    parts = [_unrealized(view, holding), _price_effect(view, holding).minus()]
    return _summed(view, f"{_name(holding)}.fx_effect_base", holding.fx_effect_base, parts)


def _realized(view: CompleteView, holding: Holding) -> Explanation:
    rows = [
        explain_disposal(view, number, row)
        for number, row in enumerate(view.realized_gains)
        if (row.account, row.symbol) == (holding.account, holding.symbol)
    ]
    return _summed(view, f"{_name(holding)}.realized_gain_base", holding.realized_gain_base, rows)


def explain_disposal(view: CompleteView, number: int, row: RealizedGain) -> Explanation:
    """Return the gain of a disposal of one lot: its proceeds less its cost, with both transactions."""
    proceeds = Explanation(
        figure=f"proceeds of {row.quantity:f} {row.symbol} on {row.sold_on}",
        value=row.proceeds_base,
        unit=view.base_currency,
        source=f"transactions {row.sell_id}",
        data=_entry_data(view, row.sell_id),
    )
    cost = Explanation(
        figure=f"cost of the lot of {row.bought_on}",
        value=row.cost_base,
        unit=view.base_currency,
        source=f"transactions {row.buy_id}",
        data=_entry_data(view, row.buy_id),
    )
    return _summed(view, f"realized_gains.{number}.gain_base", row.gain_base, [proceeds, cost.minus()])


def _entry_data(view: CompleteView, transaction_id: str) -> dict[str, str]:
    found = view.entries.get(transaction_id)
    return entry_row(found, None, "", view.base_currency).data if found else {}


def _of_entries(
    field: str, amount: Callable[[JournalEntry], Decimal | None]
) -> Callable[[CompleteView, Holding], Explanation]:
    def maker(view: CompleteView, holding: Holding) -> Explanation:
        rows = [
            entry_row(entry, value, f"{entry.type} of {entry.date}", view.base_currency)
            for entry in view.journal or []
            if (entry.account, entry.symbol) == (holding.account, holding.symbol)
            and (value := amount(entry)) is not None
            and value != 0
        ]
        figure, whole = f"{_name(holding)}.{field}", getattr(holding, field)
        return with_rest(view, figure, whole, rows, "came or went with lots, or opened the period")

    return maker


def with_rest(
    view: CompleteView, figure: str, whole: Decimal | None, rows: list[Explanation], rest: str
) -> Explanation:
    """Return a sum of journal rows; what no row of its own brought is said to be so, by name."""
    if view.journal is None:
        return Explanation(
            figure=figure, value=whole, unit=view.base_currency, note="ask with the journal for its rows"
        )
    known = [row.value for row in rows]
    if whole is not None and all(isinstance(value, Decimal) for value in known):
        missing = whole - sum(
            (row.sign * row.value for row in rows if isinstance(row.value, Decimal)), start=Decimal(0)
        )
        if missing:
            rows.append(Explanation(figure=rest, value=missing, unit=view.base_currency))
    return _summed(view, figure, whole, rows)


def _purchase(entry: JournalEntry) -> Decimal | None:
    return _with_charges(entry, 1) if entry.type in _PURCHASES else None


def _sale(entry: JournalEntry) -> Decimal | None:
    return _with_charges(entry, -1) if entry.type in _PROCEEDS else None


def _with_charges(entry: JournalEntry, sign: int) -> Decimal | None:
    if entry.amount_base is None or entry.fee_base is None or entry.tax_base is None:
        return None
    return entry.amount_base + sign * (entry.fee_base + entry.tax_base)


def fee_of(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction counts among the fees."""
    return _charged(entry, entry.fee_base, "FEE", "FEE_REFUND")


def tax_of(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction counts among the taxes."""
    return _charged(entry, entry.tax_base, "TAX", "TAX_REFUND")


def _charged(entry: JournalEntry, own: Decimal | None, *kinds: str) -> Decimal | None:
    if entry.type not in kinds:
        return own
    return None if own is None or entry.amount_base is None else own + entry.amount_base


def _income(view: CompleteView, holding: Holding) -> Explanation:
    rows = [
        Explanation(
            figure=f"{row.type} of {row.date}",
            value=row.gross_base,
            unit=view.base_currency,
            source=f"transactions {row.transaction_id}",
        )
        for row in view.income.received
        if (row.account, row.symbol) == (holding.account, holding.symbol)
    ]
    return _summed(view, f"{_name(holding)}.income_base", holding.income_base, rows)


def _weight(view: CompleteView, holding: Holding) -> Explanation:
    whole = Explanation(figure="summary.value", value=view.summary.value, unit=view.base_currency)
    return Explanation(
        figure=f"{_name(holding)}.weight",
        value=holding.weight,
        operation=Operation.QUOTIENT,
        parts=[_value(view, holding), whole],
    )


_purchases, _proceeds = _of_entries("purchases_base", _purchase), _of_entries("proceeds_base", _sale)
_fees, _taxes = _of_entries("fees_base", fee_of), _of_entries("taxes_base", tax_of)


def _total_gain(view: CompleteView, holding: Holding) -> Explanation:
    before = [
        Explanation(
            figure=f"realized_gains.{number}.gain_before_fees_taxes_base",
            value=row.gain_before_fees_taxes_base,
            unit=view.base_currency,
            source=f"transactions {row.sell_id}",
        )
        for number, row in enumerate(view.realized_gains)
        if (row.account, row.symbol) == (holding.account, holding.symbol)
    ]
    cost = Explanation(
        figure=f"{_name(holding)}.cost_excluding_fees_and_taxes_base",
        value=holding.cost_excluding_fees_and_taxes_base,
        unit=view.base_currency,
    )
    charges = [_fees(view, holding).minus(), _taxes(view, holding).minus()]
    parts = [_value(view, holding), cost.minus(), *before, _income(view, holding), *charges]
    return _summed(view, f"{_name(holding)}.total_gain_base", holding.total_gain_base, parts)


_MAKERS: dict[str, Callable[[CompleteView, Holding], Explanation]] = {
    "quantity": lambda _, holding: _units(holding),
    "value_base": _value,
    "cost_base": _cost,
    "unrealized_gain_base": _unrealized,
    "price_effect_base": _price_effect,
    "fx_effect_base": _fx_effect,
    "realized_gain_base": _realized,
    "purchases_base": _purchases,
    "proceeds_base": _proceeds,
    "income_base": _income,
    "fees_base": _fees,
    "taxes_base": _taxes,
    "total_gain_base": _total_gain,
    "weight": _weight,
}
