"""Names of figures, and who explains each.

Belongs here: from a path such as ``holdings.AAPL.unrealized_gain_base`` to its explanation. Does not: explaining.
"""

import difflib
from collections.abc import Callable, Iterator
from decimal import Decimal

from pipelines.portfolio.explain.holdings import explain_disposal, explain_holding
from pipelines.portfolio.explain.performance import RETURNS, explain_period
from pipelines.portfolio.explain.totals import TOTALS, explain_allocation, income_rows
from pipelines.portfolio.explain.tree import Explanation, Operation, UnknownFigureError, plain_value
from pipelines.portfolio.models import (
    AllocationRow,
    CompleteView,
    Holding,
    IncomeSymbol,
    Model,
    PerformancePeriod,
    RealizedGain,
)

_TEXT = frozenset({"symbol", "account", "currency", "lots", "period", "key", "term", "buy_id", "sell_id", "name"})


def explain(view: CompleteView, path: str) -> Explanation:
    """Return where a figure of the view came from, down to its rows.

    Args:
        view: The complete view; with its journal the rows of the ledger are there too.
        path: ``summary.FIELD``, ``holdings.SYMBOL.FIELD`` (all accounts), ``holdings.SYMBOL@ACCOUNT.FIELD``,
            ``realized_gains.NUMBER.gain_base``, ``performance.periods.PERIOD.FIELD``,
            ``allocations.DIMENSION.KEY.FIELD`` or ``income.by_symbol.SYMBOL.gross_base``.

    Raises:
        UnknownFigureError: If the view has no such figure.
    """
    section, _, rest = path.partition(".")
    finder = _FINDERS.get(section)
    found = finder(view, rest) if finder else None
    if found is None:
        raise UnknownFigureError(path, difflib.get_close_matches(path, list(figures(view)), n=3))
    return found


def figures(view: CompleteView) -> Iterator[str]:
    """Yield the name of every figure that can be explained."""
    yield from (f"summary.{name}" for name in type(view.summary).model_fields)
    symbols = dict.fromkeys(holding.symbol for holding in view.holdings)
    names = _fields(Holding)
    yield from (f"holdings.{symbol}.{name}" for symbol in symbols for name in names)
    yield from (f"holdings.{item.symbol}@{item.account}.{name}" for item in view.holdings for name in names)
    yield from (f"realized_gains.{number}.gain_base" for number in range(len(view.realized_gains)))
    periods = view.performance.periods if view.performance else []
    yield from (f"performance.periods.{row.period}.{name}" for row in periods for name in _fields(PerformancePeriod))
    for dimension, rows in view.allocations.items():
        yield from (f"allocations.{dimension}.{row.key}.{name}" for row in rows for name in _fields(AllocationRow))
    yield from (
        f"income.by_symbol.{row.symbol}.{name}" for row in view.income.by_symbol for name in _fields(IncomeSymbol)
    )


def _fields(model: type[Model]) -> list[str]:
    return [name for name in model.model_fields if name not in _TEXT]


def _summary(view: CompleteView, rest: str) -> Explanation | None:
    if rest in TOTALS:
        return TOTALS[rest](view)
    if rest in RETURNS and view.performance is not None:
        return RETURNS[rest](view, view.performance)
    if rest not in type(view.summary).model_fields:
        return None
    return Explanation(figure=f"summary.{rest}", value=getattr(view.summary, rest))


def _holding(view: CompleteView, rest: str) -> Explanation | None:
    name, _, field = rest.rpartition(".")
    symbol, at, account = name.partition("@")
    rows = [row for row in view.holdings if row.symbol == symbol and (not at or row.account == account)]
    if not rows or field not in _fields(Holding):
        return None
    if len(rows) == 1:
        return explain_holding(view, rows[0], field)
    parts = [explain_holding(view, row, field) for row in rows]
    values = [part.value for part in parts]
    if not all(value is None or isinstance(value, Decimal) for value in values) or not _adds_up(field):
        return Explanation(figure=f"holdings.{rest}", value=None, note="by account", parts=parts)
    known = [value for value in values if isinstance(value, Decimal)]
    whole = sum(known, start=Decimal(0)) if len(known) == len(values) else None
    unit = None if field == "quantity" else view.base_currency
    return Explanation(figure=f"holdings.{rest}", value=whole, unit=unit, operation=Operation.SUM, parts=parts)


def _adds_up(field: str) -> bool:
    return field == "quantity" or field.endswith(("_base", "_local"))


def _disposal(view: CompleteView, rest: str) -> Explanation | None:
    number, _, field = rest.partition(".")
    if not number.isdigit() or int(number) >= len(view.realized_gains) or field not in _fields(RealizedGain):
        return None
    row = view.realized_gains[int(number)]
    if field == "gain_base":
        return explain_disposal(view, int(number), row)
    return Explanation(figure=f"realized_gains.{rest}", value=plain_value(getattr(row, field)))


def _performance(view: CompleteView, rest: str) -> Explanation | None:
    head, _, tail = rest.partition(".")
    name, _, field = tail.partition(".")
    if head != "periods" or view.performance is None or field not in _fields(PerformancePeriod):
        return None
    period = next((row for row in view.performance.periods if row.period == name), None)
    return None if period is None else explain_period(view, view.performance, period, field)


def _allocation(view: CompleteView, rest: str) -> Explanation | None:
    dimension, _, tail = rest.partition(".")
    key, _, field = tail.rpartition(".")
    row = next((row for row in view.allocations.get(dimension, []) if row.key == key), None)
    if row is None or field not in _fields(AllocationRow):
        return None
    return explain_allocation(view, dimension, row, field)


def _income(view: CompleteView, rest: str) -> Explanation | None:
    head, _, tail = rest.partition(".")
    symbol, _, field = tail.rpartition(".")
    row = next((row for row in view.income.by_symbol if row.symbol == symbol), None)
    if head != "by_symbol" or row is None or field not in _fields(IncomeSymbol):
        return None
    value = getattr(row, field)
    if field != "gross_base":
        return Explanation(figure=f"income.{rest}", value=plain_value(value))
    parts = income_rows(view, symbol)
    return Explanation(
        figure=f"income.{rest}", value=value, unit=view.base_currency, operation=Operation.SUM, parts=parts
    )


_FINDERS: dict[str, Callable[[CompleteView, str], Explanation | None]] = {
    "summary": _summary,
    "holdings": _holding,
    "realized_gains": _disposal,
    "performance": _performance,
    "allocations": _allocation,
    "income": _income,
}
