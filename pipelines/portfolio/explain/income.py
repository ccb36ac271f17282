"""Income, taken apart: payments, expectations, projections and yields.

Belongs here: figures of the income section. Does not: income of one holding (`holdings`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from pipelines.portfolio.exact import whole
from pipelines.portfolio.explain.entries import entry_data, source_of
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import (
    CompleteView,
    IncomeDue,
    IncomeReceived,
    IncomeSymbol,
    IncomeTotals,
)

_YEAR = dt.timedelta(days=365)
_DUE_TOTALS = {"expected_base": "expected", "projected_base": "projected"}


def explain_income(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of the income section taken apart."""
    row = place.row
    if isinstance(row, IncomeReceived):
        return explain_received(view, int(place.names[2]), row, place.field, kind=place.names[1])
    if isinstance(row, IncomeDue):
        return _due(view, place.names[1], int(place.names[2]), row, place.field)
    if isinstance(row, IncomeSymbol):
        return _OF_SYMBOL[place.field](view, row, f"income.by_symbol.{row.symbol}.{place.field}")
    if isinstance(row, IncomeTotals):
        return _total(view, place)
    parts = received_rows(view, place.field, lambda paid: f"{paid.date:%Y-%m}" == row.month)
    return summed(place.path, place.value, parts, view.base_currency)


def received_rows(
    view: CompleteView,
    field: str,
    belongs: Callable[[IncomeReceived], bool] = lambda _: True,
    *,
    kind: str = "received",
) -> list[Explanation]:
    """Return one field of the payments that belong to a figure: those received in the period, or the earlier ones."""
    rows: Sequence[IncomeReceived] = getattr(view.income, kind)
    return [explain_received(view, number, row, field, kind=kind) for number, row in enumerate(rows) if belongs(row)]


def explain_received(
    view: CompleteView, number: int, row: IncomeReceived, field: str, *, kind: str = "received"
) -> Explanation:
    """Return a figure of a payment: what its transaction says."""
    figure, unit = f"income.{kind}.{number}.{field}", row.currency if field == "gross_local" else view.base_currency
    source, data = source_of(row.transaction_id), _told(row) | entry_data(view, row.transaction_id)
    if field == "net_base":
        gross, *charges = (
            explain_received(view, number, row, name, kind=kind) for name in ("gross_base", "fee_base", "tax_base")
        )
        return summed(figure, row.net_base, [gross, *(part.minus() for part in charges)], unit)
    note = "what all units of the symbol had cost when it was paid" if field == "cost_base" else None
    return ended(figure, getattr(row, field), unit=unit, source=source, note=note, data=data)


def _told(row: IncomeReceived) -> dict[str, str]:
    said = {"date": row.date, "type": row.type, "symbol": row.symbol, "account": row.account}
    if row.gross_local is not None:
        said |= {"gross_local": f"{row.gross_local:f}"}
    return {name: str(value) for name, value in said.items() if value is not None}


def _due(view: CompleteView, kind: str, number: int, row: IncomeDue, field: str) -> Explanation:
    def named(of: str) -> str:
        return f"income.{kind}.{number}.{of}"

    def ends(of: str, **said: Any) -> Explanation:
        return ended(named(of), getattr(row, of), **said)

    source = f"dividend_history {row.symbol} {row.ex_date}"
    basis = getattr(row, "basis", "declared")
    if field in {"gross_local", "gross_base"}:
        factors = ["quantity", "amount_per_share", *(["fx_rate"] if field == "gross_base" else [])]
        unit = row.currency if field == "gross_local" else view.base_currency
        parts = [_due(view, kind, number, row, name) for name in factors]
        return made(Operation.PRODUCT, named(field), getattr(row, field), parts, unit=unit)
    if field == "quantity":
        when = f"held at the close before {row.ex_date}" if kind == "expected" else f"held on {view.as_of}"
        return ends(field, note=f"{when} in {row.account}")
    if field == "fx_rate":
        return ends(field, note=f"{row.currency}/{view.base_currency} of {_rate_day(view, kind, row)}")
    if basis == "declared":
        return ends(field, unit=row.currency, source=source)
    return ends(field, unit=row.currency, note="the last year's pattern repeated: growth 0")


def _rate_day(view: CompleteView, kind: str, row: IncomeDue) -> dt.date:
    return row.ex_date if kind == "expected" else view.as_of


def _due_rows(view: CompleteView, kind: str, symbol: str | None = None) -> list[Explanation]:
    rows: Sequence[IncomeDue] = getattr(view.income, kind)
    return [
        _due(view, kind, number, row, "gross_base")
        for number, row in enumerate(rows)
        if symbol is None or row.symbol == symbol
    ]


def _total(view: CompleteView, place: Place) -> Explanation:
    kind = _DUE_TOTALS.get(place.field)
    rows = received_rows(view, place.field) if kind is None else _due_rows(view, kind)
    return summed(place.path, place.value, rows, view.base_currency, None if rows else "there is none")


# By symbol


_EVER = ("earlier", "received")


def _is_dividend_of(symbol: str, row: IncomeReceived) -> bool:
    return row.symbol == symbol and row.type == "DIVIDEND"


def _paid(view: CompleteView, symbol: str, *, after: dt.date = dt.date.min) -> list[Explanation]:
    """Return the dividends of a symbol after a day, whenever the period begins."""

    def belongs(row: IncomeReceived) -> bool:
        return _is_dividend_of(symbol, row) and row.date > after

    return [part for kind in _EVER for part in received_rows(view, "gross_base", belongs, kind=kind)]


def _whole(name: str, parts: Sequence[Explanation], unit: str) -> Explanation:
    """Return a sum that is no figure of the document; not known where a part is not."""
    return summed(name, _sum_of(parts), parts, unit)


def _held(view: CompleteView, symbol: str, field: str) -> Explanation:
    parts = [
        ended(f"holdings.{row.symbol}@{row.account}.{field}", getattr(row, field), unit=view.base_currency)
        for row in view.holdings
        if row.symbol == symbol and row.lots
    ]
    return _whole(f"holdings.{symbol}.{field}", parts, view.base_currency)


def _yield_of(
    payments: Callable[[CompleteView, str], Explanation], field: str
) -> Callable[[CompleteView, IncomeSymbol, str], Explanation]:
    def maker(view: CompleteView, row: IncomeSymbol, figure: str) -> Explanation:
        name = figure.rpartition(".")[2]
        parts = [payments(view, row.symbol), _held(view, row.symbol, field)]
        return made(Operation.QUOTIENT, figure, getattr(row, name), parts)

    return maker


def _trailing(view: CompleteView, symbol: str) -> Explanation:
    return _whole("paid in the last year", _paid(view, symbol, after=view.as_of - _YEAR), view.base_currency)


def _ahead(view: CompleteView, symbol: str) -> Explanation:
    return _whole("of the next twelve months", _due_rows(view, "projected", symbol), view.base_currency)


def _gross(view: CompleteView, row: IncomeSymbol, figure: str) -> Explanation:
    paid = received_rows(view, "gross_base", partial(_is_dividend_of, row.symbol))
    return summed(figure, row.gross_base, paid, view.base_currency)


def _events(view: CompleteView, row: IncomeSymbol, figure: str) -> Explanation:
    paid = _paid(view, row.symbol)
    days = sorted({part.data["date"] for part in paid})
    on = [ended(f"paid on {day}", _sum_of(part for part in paid if part.data["date"] == day)) for day in days]
    return made(Operation.COUNT, figure, row.events, on, note=None if on else "nothing was paid")


def _sum_of(parts: Iterable[Explanation]) -> Decimal | None:
    return whole(part.value if isinstance(part.value, Decimal) else None for part in parts)


def _average_yield(view: CompleteView, row: IncomeSymbol, figure: str) -> Explanation:
    if row.average_annual_yield is None:
        return ended(figure, None, note="the cost that a payment was made on is not known")
    years: dict[int, list[Explanation]] = defaultdict(list)
    rows = [(kind, number, paid) for kind in _EVER for number, paid in enumerate(getattr(view.income, kind))]
    for kind, number, paid in rows:
        if _is_dividend_of(row.symbol, paid):
            parts = [explain_received(view, number, paid, field, kind=kind) for field in ("gross_base", "cost_base")]
            value = float(paid.gross_base or 0) / float(paid.cost_base or 1)
            years[paid.date.year].append(made(Operation.QUOTIENT, f"yield on cost of {paid.date}", value, parts))
    by_year = [
        summed(f"yield on cost of {year}", sum(float(part.value or 0) for part in parts), parts, None)
        for year, parts in sorted(years.items())
    ]
    return made(Operation.MEAN, figure, row.average_annual_yield, by_year)


_OfSymbol = Callable[[CompleteView, IncomeSymbol, str], Explanation]
_OF_SYMBOL: dict[str, _OfSymbol] = {
    "gross_base": _gross,
    "events": _events,
    "yield_on_cost": _yield_of(_trailing, "cost_base"),
    "trailing_yield": _yield_of(_trailing, "value_base"),
    "forward_yield": _yield_of(_ahead, "value_base"),
    "average_annual_yield": _average_yield,
}
