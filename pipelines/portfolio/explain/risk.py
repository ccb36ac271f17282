"""Risk, taken apart: the days it was measured on, and the measures that a ratio is made of.

Belongs here: which days and which rate each figure of the risk section was measured with. Does not: the measures
(`measures`, `pipelines.portfolio.risk`).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipelines.portfolio import risk
from pipelines.portfolio.explain.days import day_source
from pipelines.portfolio.explain.measures import measured
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import CompleteView
from pipelines.portfolio.observations import PERIODS_A_YEAR, compounded, trading_days

_NOT_KNOWN = "too few days with a return, or nothing to divide by"
_NO_BENCHMARK = "the benchmark has no price on one of the days, so the document has none of its days"


class _Asked(NamedTuple):
    """The days that count (with their returns, those of the benchmark beside them), and how they are annualised."""

    view: CompleteView
    figure: str
    value: float | None
    days: list[Explanation]
    periods: int
    rate: float

    def measure(self, name: str, days: Sequence[Explanation] | None = None, **given: float) -> Explanation:
        """Return a measure of the days; the figure itself where nothing is left to be made of it."""
        data = {"measure": name, "periods_per_year": self.periods} | given
        node = made(Operation.MEASURE, name.replace("_", " "), None, self.days if days is None else days, data=data)
        return node.model_copy(update={"value": measured(node) if node.parts else None})

    def whole(self, name: str, *, rate: float = 0.0) -> Explanation:
        """Return the figure as a measure of the days."""
        return self.measure(name, rate=rate).model_copy(update={"figure": self.figure, "value": self.value})

    def ratio(self, above: Explanation, below: Explanation) -> Explanation:
        """Return the figure as the first by the second."""
        return made(Operation.QUOTIENT, self.figure, self.value, [above, below])


def explain_risk(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of the risk section taken apart."""
    if place.field == "risk_free":
        return ended(place.path, place.value, note="a setting: the rate of a year that returns were to beat")
    if place.value is None or view.risk is None:
        return ended(place.path, place.value, note=_NOT_KNOWN)
    if place.field in _AGAINST and view.benchmark is None:
        return ended(place.path, place.value, note=_NO_BENCHMARK)
    periods = PERIODS_A_YEAR if view.risk.annualized else 1
    rate = risk.rate_per_period(view.risk.risk_free, PERIODS_A_YEAR) or 0.0
    days = _days(view, beside=place.field in _AGAINST)
    return _MAKERS[place.field](_Asked(view, place.path, place.value, days, periods, rate))


def _every_day(view: CompleteView, *, beside: bool = False) -> list[Explanation]:
    """Return all days, the benchmark's return beside each where it is asked for."""
    days = view.performance.daily if view.performance else []
    others = _benchmark_returns(view) if beside else []
    return [
        ended(
            f"return of {day.date}",
            day.day_return,
            source=day_source(day.date),
            data={"benchmark": other} if beside else {},
        )
        for day, other in zip(days, others or [None] * len(days), strict=True)
    ]


def _days(view: CompleteView, *, beside: bool) -> list[Explanation]:
    """Return the days with a price of something held, each with those before it that have none; as `_every_day`.

    They end with the last that has a return, as those do that risk is measured on.
    """
    days = _every_day(view, beside=beside)
    priced = [bool(day.priced) for day in view.performance.daily] if view.performance else []
    found = [_together([days[at] for at in group]) for group in trading_days(priced)]
    while found and found[-1].value is None:
        found.pop()
    return found


def _together(days: Sequence[Explanation]) -> Explanation:
    """Return days as the one observation that they are; those without a return count in none."""
    known = [day for day in days if day.value is not None]
    if len(known) < 2:  # noqa: PLR2004 - a day alone is what it is
        return known[0] if known else days[-1].model_copy(update={"data": dict.fromkeys(days[-1].data)})
    others = [day.data.get("benchmark") for day in known]
    return made(
        Operation.CHAIN,
        f"return until {days[-1].figure.rpartition(' ')[2]}",
        compounded([_number(day) for day in known]),
        known,
        data={name: compounded(others) for name in days[-1].data},
        note="days without a price count in the next that has one",
    )


def _number(day: Explanation) -> float | None:
    return day.value if isinstance(day.value, float) else None


def _benchmark_returns(view: CompleteView) -> list[float | None]:
    growth = [] if view.benchmark is None else [day.growth for day in view.benchmark.daily]
    changes = [after / before - 1 if before and after is not None else None for before, after in pairwise(growth)]
    return [None, *changes] if growth else []


def _max_drawdown(asked: _Asked) -> Explanation:
    days = [day for day in _every_day(asked.view) if isinstance(day.value, float)]
    wealth = np.cumprod([1.0, *(1 + float(day.value or 0) for day in days)])
    trough = int(np.argmin(wealth / np.maximum.accumulate(wealth)))
    peak = int(np.argmax(wealth[: trough + 1]))
    fall = asked.view.risk.max_drawdown if asked.view.risk else None
    note = "from a peak to the lowest day after it" if trough > peak else "wealth never fell"
    return made(Operation.CHAIN, "risk.max_drawdown", fall, days[peak:trough], note=note)


def _calmar(asked: _Asked) -> Explanation:
    annualized = asked.view.risk is not None and asked.view.risk.annualized
    periods = PERIODS_A_YEAR if annualized else max(1, len(asked.days))
    fall = _max_drawdown(asked)
    size = summed("size of the deepest fall", -float(fall.value) if fall.value else 0.0, [fall.minus()], None)
    return asked.ratio(asked.measure("annual_return", periods_per_year=periods), size)


def _effective_holdings(asked: _Asked) -> Explanation:
    values: dict[str, Decimal] = defaultdict(Decimal)
    for holding in asked.view.holdings:
        if holding.lots and holding.value_base is not None:
            values[holding.symbol] += holding.value_base
    unit = asked.view.base_currency
    parts = [ended(f"holdings.{symbol}.value_base", value, unit=unit) for symbol, value in values.items()]
    data = {"measure": "effective_holdings"}
    note = "one by the sum of the squared shares of the whole"
    return made(Operation.MEASURE, asked.figure, asked.value, parts, data=data, note=note)


def _capture(*, rose: bool) -> Callable[[_Asked], Explanation]:
    def maker(asked: _Asked) -> Explanation:
        days = [day for day in asked.days if _moved(day.data.get("benchmark"), rose=rose)]
        others = [_of_benchmark(day) for day in days]
        own, other = asked.measure("annual_return", days), asked.measure("annual_return", others)
        return asked.ratio(own, other.model_copy(update={"figure": "annual return of the benchmark"}))

    return maker


def _of_benchmark(day: Explanation) -> Explanation:
    """Return the same day with the return of the benchmark."""
    parts = [_of_benchmark(part) for part in day.parts]
    return day.model_copy(update={"value": day.data["benchmark"], "source": None, "parts": parts})


def _moved(change: float | None, *, rose: bool) -> bool:
    return change is not None and (change > 0 if rose else change < 0)


def _excess_to(below: str) -> Callable[[_Asked], Explanation]:
    return lambda asked: asked.ratio(
        asked.measure("annual_excess_return", rate=asked.rate), asked.measure(below, rate=asked.rate)
    )


_AGAINST = ("beta", "alpha", "tracking_error", "information_ratio", "up_capture", "down_capture")
_MAKERS: dict[str, Callable[[_Asked], Explanation]] = {
    "volatility": lambda asked: asked.whole("annual_volatility"),
    "sharpe": _excess_to("annual_volatility"),
    "sortino": _excess_to("downside_risk"),
    "max_drawdown": _max_drawdown,
    "calmar": _calmar,
    "var_95": lambda asked: asked.whole("value_at_risk"),
    "cvar_95": lambda asked: asked.whole("conditional_value_at_risk"),
    "omega": lambda asked: asked.ratio(
        asked.measure("gains_above", rate=asked.rate), asked.measure("shortfalls_below", rate=asked.rate)
    ),
    "beta": lambda asked: asked.whole("beta", rate=asked.rate),
    "alpha": lambda asked: asked.whole("alpha", rate=asked.rate),
    "tracking_error": lambda asked: asked.whole("tracking_error"),
    "information_ratio": lambda asked: asked.ratio(
        asked.measure("annual_active_return"), asked.measure("tracking_error")
    ),
    "up_capture": _capture(rose=True),
    "down_capture": _capture(rose=False),
    "effective_holdings": _effective_holdings,
}
