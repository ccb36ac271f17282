"""What a holding did on the last day, taken apart.

Belongs here: rows of movers. Does not: the whole day's change (`performance`).
"""

from pipelines.portfolio.explain.holdings import explain_holding
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import CompleteView, Mover

_NO_DAYS = "the holding on the last day or the day before: no daily values of a single holding in the document"
_STATED = {"opening_base", "flow_in_base", "flow_out_base"}


def explain_mover(view: CompleteView, row: Mover, figure: str, field: str) -> Explanation:
    """Return closing value less opening value and flows, and what that is of the capital."""
    unit, name = view.base_currency, figure.rpartition(".")[0]
    if field in _STATED:
        return ended(figure, getattr(row, field), unit=unit, note=_NO_DAYS)
    change = _change(view, row, f"{name}.change_base", name)
    if field == "change_base":
        return change
    capital = summed(
        "capital of the day",
        None if row.opening_base is None or row.flow_in_base is None else row.opening_base + row.flow_in_base,
        [explain_mover(view, row, f"{name}.{part}", part) for part in ("opening_base", "flow_in_base")],
        unit,
    )
    return made(Operation.QUOTIENT, figure, row.day_return, [change, capital])


def _change(view: CompleteView, row: Mover, figure: str, name: str) -> Explanation:
    if row.change_base is None or row.opening_base is None or row.flow_in_base is None or row.flow_out_base is None:
        return ended(figure, row.change_base, unit=view.base_currency, note=_NO_DAYS)
    closing = row.change_base + row.opening_base + row.flow_in_base - row.flow_out_base
    held = [item for item in view.holdings if (item.symbol, item.account, item.value_base) == _key(row, closing)]
    last = ended("closing value of the last day", closing, unit=view.base_currency, note=_NO_DAYS)
    parts = [
        explain_holding(view, held[0], "value_base") if held else last,
        explain_mover(view, row, f"{name}.opening_base", "opening_base").minus(),
        explain_mover(view, row, f"{name}.flow_in_base", "flow_in_base").minus(),
        explain_mover(view, row, f"{name}.flow_out_base", "flow_out_base"),
    ]
    return summed(figure, row.change_base, parts, view.base_currency)


def _key(row: Mover, closing: object) -> tuple[str, str, object]:
    return row.symbol, row.account, closing
