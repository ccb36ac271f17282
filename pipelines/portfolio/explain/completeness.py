"""How complete the view is, taken apart: the holdings that are counted, and their values.

Belongs here: figures of the completeness. Does not: why a figure is missing (the view's warnings say it).
"""

from collections.abc import Callable
from decimal import Decimal

from pipelines.portfolio.explain.cash import balance_value
from pipelines.portfolio.explain.holdings import explain_holding
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import CompleteView, Holding, Status


def explain_completeness(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of the completeness taken apart."""
    return _MAKERS[place.field](view, place)


def _is_missing(holding: Holding) -> bool:
    return holding.value_base is None


def _is_stale(holding: Holding) -> bool:
    return not _is_missing(holding) and Status.STALE in {holding.price_status, holding.fx_status}


def _held(view: CompleteView, belongs: Callable[[Holding], bool] = lambda _: True) -> list[Holding]:
    return [holding for holding in view.holdings if holding.lots and belongs(holding)]


def _count(belongs: Callable[[Holding], bool]) -> Callable[[CompleteView, Place], Explanation]:
    def maker(view: CompleteView, place: Place) -> Explanation:
        parts = [explain_holding(view, holding, "value_base") for holding in _held(view, belongs)]
        return made(Operation.COUNT, place.path, place.value, parts, note=None if parts else "there is none")

    return maker


def _stale_value(view: CompleteView, path: str = "completeness.stale_value") -> Explanation:
    parts = [explain_holding(view, holding, "value_base") for holding in _held(view, _is_stale)]
    parts += [balance_value(view, row) for row in view.cash if row.value_base and row.fx_status is Status.STALE]
    sized = [part.minus() if isinstance(part.value, Decimal) and part.value < 0 else part for part in parts]
    note = None if sized else "nothing is stale"
    return summed(path, view.completeness.stale_value, sized, view.base_currency, note)


def _stale_weight(view: CompleteView, place: Place) -> Explanation:
    if place.value is None:
        return ended(place.path, None, note="the known value is nothing, or less")
    whole = ended("summary.value", view.summary.value, unit=view.base_currency)
    return made(Operation.QUOTIENT, place.path, place.value, [_stale_value(view), whole])


def _missing_cost(view: CompleteView, place: Place) -> Explanation:
    missing = [holding for holding in _held(view, _is_missing) if holding.cost_base is not None]
    parts = [explain_holding(view, holding, "cost_base") for holding in missing]
    return summed(place.path, place.value, parts, view.base_currency, None if parts else "nothing is missing")


def _ignored(view: CompleteView, place: Place) -> Explanation:
    return ended(place.path, place.value, note=f"transactions after {view.as_of}: not part of the view")


_MAKERS: dict[str, Callable[[CompleteView, Place], Explanation]] = {
    "holdings": _count(lambda _: True),
    "priced": _count(lambda holding: not _is_missing(holding)),
    "stale": _count(_is_stale),
    "missing": _count(_is_missing),
    "stale_value": lambda view, place: _stale_value(view, place.path),
    "stale_weight": _stale_weight,
    "missing_cost": _missing_cost,
    "ignored_future_rows": _ignored,
}
