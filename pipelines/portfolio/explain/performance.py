"""Returns of the view, and what it became of its opening value, taken apart.

Belongs here: the performance section, the summary's returns. Does not: days (`days`), periods (`periods`), sums of
money over holdings (`totals`).
"""

from collections.abc import Callable

from pipelines.portfolio.explain.attribution import explain_attribution, explain_contribution
from pipelines.portfolio.explain.days import Days, dietz, explain_day, factors, gain_parts, rate_flows
from pipelines.portfolio.explain.movers import explain_mover
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.periods import (
    WITHOUT_INCOME,
    explain_drawdown,
    explain_month,
    explain_period,
    price_factors,
)
from pipelines.portfolio.explain.rates import before_tax
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import (
    Attribution,
    CompleteView,
    Contribution,
    Drawdown,
    Model,
    MonthlyReturn,
    Mover,
    PerformanceDay,
    PerformancePeriod,
)
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR

_NOT_KNOWN = "a warning of the view says why it is not known"


def explain_performance(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of the performance section taken apart."""
    return _BY_ROW[type(place.row)](view, place)


def _day(view: CompleteView, place: Place) -> Explanation:
    days = view.performance.daily if view.performance else []
    index = next(at for at, day in enumerate(days) if day.date == place.row.date)
    return explain_day(view, index, place.field, place.path)


_BY_ROW: dict[type[Model], Callable[[CompleteView, Place], Explanation]] = {
    PerformanceDay: _day,
    PerformancePeriod: lambda view, place: explain_period(view, place.row, place.field),
    MonthlyReturn: lambda view, place: explain_month(view, place.row, place.path),
    Drawdown: lambda view, place: explain_drawdown(view, place.row, place.path),
    Contribution: lambda view, place: explain_contribution(view, place.row, place.path),
    Mover: lambda view, place: explain_mover(view, place.row, place.path, place.field),
    Attribution: lambda view, place: explain_attribution(view, place.row, place.field),
}


def explain_return(view: CompleteView, field: str) -> Explanation:
    """Return one of the summary's returns taken apart; without history or where it is not known it ends there."""
    figure, value = f"summary.{field}", getattr(view.summary, field)
    if value is None or view.performance is None or not len(view.performance.daily):
        return ended(figure, value, note=_NOT_KNOWN)
    return RETURNS[field](view, figure)


def _twr(view: CompleteView, figure: str) -> Explanation:
    parts = factors(Days.whole(view))
    return made(Operation.CHAIN, figure, view.summary.twr, parts, note=None if parts else "no day has a return")


def _twr_annualized(view: CompleteView, figure: str) -> Explanation:
    of = Days.whole(view)
    power = ended("one year in years of the view", DAYS_A_YEAR / (of.end - of.start).days)
    return made(Operation.COMPOUND, figure, view.summary.twr_annualized, [explain_return(view, "twr"), power])


def _money_weighted(view: CompleteView, figure: str) -> Explanation:
    of = Days.whole(view)
    power = ended("years of the view", (of.end - of.start).days / DAYS_A_YEAR)
    return made(Operation.COMPOUND, figure, view.summary.money_weighted, [explain_return(view, "xirr"), power])


def _xirr(view: CompleteView, figure: str) -> Explanation:
    return made(Operation.XIRR, figure, view.summary.xirr, rate_flows(Days.whole(view)))


def _price_return(view: CompleteView, figure: str) -> Explanation:
    parts = price_factors(Days.whole(view))
    return made(Operation.CHAIN, figure, view.summary.price_return, parts, note=WITHOUT_INCOME)


def _simple_return(view: CompleteView, figure: str) -> Explanation:
    return dietz(figure, view.summary.simple_return, Days.whole(view))


def _before_tax(field: str) -> Callable[[CompleteView, str], Explanation]:
    def maker(view: CompleteView, figure: str) -> Explanation:
        taxes = ended("summary.taxes", view.summary.taxes, unit=view.base_currency)
        return before_tax(figure, getattr(view.summary, f"{field}_before_tax"), explain_return(view, field), taxes)

    return maker


def _last_day(view: CompleteView) -> Days:
    of = Days.whole(view)
    return of.between(of.high - 1, of.high)


def _day_change(view: CompleteView, figure: str) -> Explanation:
    return summed(figure, view.summary.day_change, gain_parts(_last_day(view)), view.base_currency)


def _day_return(view: CompleteView, figure: str) -> Explanation:
    return made(Operation.CHAIN, figure, view.summary.day_return, factors(_last_day(view)))


RETURNS: dict[str, Callable[[CompleteView, str], Explanation]] = {
    "twr": _twr,
    "twr_annualized": _twr_annualized,
    "twr_before_tax": _before_tax("twr"),
    "simple_return": _simple_return,
    "price_return": _price_return,
    "xirr": _xirr,
    "xirr_before_tax": _before_tax("xirr"),
    "money_weighted": _money_weighted,
    "day_change": _day_change,
    "day_return": _day_return,
}
