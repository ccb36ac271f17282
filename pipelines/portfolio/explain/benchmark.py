"""The benchmark by the same flows, taken apart.

Belongs here: what each flow has become in it. Does not: how returns compare with it (`risk`).
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from pipelines.portfolio.explain.days import dated, net_flow
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import Benchmark, BenchmarkDay, CompleteView

_CLOSES = "price_history"


class _Day(NamedTuple):
    """A day of the benchmark, and what was put into it (taken out: negative)."""

    row: BenchmarkDay
    flow: Decimal


def explain_benchmark(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of the benchmark taken apart."""
    if view.benchmark is None:
        return ended(place.path, place.value)
    if isinstance(place.row, BenchmarkDay):
        index = next(at for at, day in enumerate(view.benchmark.daily) if day.date == place.row.date)
        return _of_day(view, view.benchmark, index, place.field)
    if place.value is None:
        return ended(place.path, None, note="no single rate makes its flows worth nothing")
    return _MAKERS[place.field](view, view.benchmark)


def _flowed(view: CompleteView, benchmark: Benchmark) -> list[_Day]:
    """Return the days with what went in: the opening value first, at most what was there when it was used up."""
    days = view.performance.daily if view.performance else []
    found: list[_Day] = []
    for index, (day, row) in enumerate(zip(days, benchmark.daily, strict=True)):
        flow = (day.value if index == 0 and view.since is not None else net_flow(day)) or Decimal(0)
        if benchmark.exhausted_on is not None and day.date >= benchmark.exhausted_on:
            before = _grown(benchmark, index)
            flow = -before if day.date == benchmark.exhausted_on else Decimal(0)
        found.append(_Day(row, flow))
    return found


def _grown(benchmark: Benchmark, index: int) -> Decimal:
    """Return what the units of the day before are worth at the close of a day."""
    if not index:
        return Decimal(0)
    before, after = benchmark.daily[index - 1], benchmark.daily[index]
    return (before.value or Decimal(0)) * Decimal((after.growth or 0) / (before.growth or 1))


def _of_day(view: CompleteView, benchmark: Benchmark, index: int, field: str) -> Explanation:
    day, figure = benchmark.daily[index], f"benchmark.daily.{benchmark.daily[index].date}.{field}"
    source = f"{_CLOSES} {benchmark.symbol} {day.date}"
    if field == "growth":
        return ended(
            figure, day.growth, source=source, note="what 1.00 of the first day has become, dividends reinvested"
        )
    flow = _flowed(view, benchmark)[index].flow
    moved = [] if not flow else [dated("flow", day.date, flow, view)]
    if not index:
        return summed(figure, day.value, moved, view.base_currency, None if moved else "nothing was put in")
    before = benchmark.daily[index - 1]
    kept = ended(f"benchmark.daily.{before.date}.value", before.value, unit=view.base_currency)
    grown = _product("value of the day before at this day's close", [kept, _ratio(before, day)], view)
    return summed(figure, float(day.value or 0), [grown, *moved], view.base_currency).model_copy(
        update={"value": day.value}
    )


def _ratio(before: BenchmarkDay, after: BenchmarkDay) -> Explanation:
    value = (after.growth or 0.0) / (before.growth or 1.0)
    parts = [ended(f"benchmark.daily.{row.date}.growth", row.growth) for row in (after, before)]
    return made(Operation.QUOTIENT, f"growth from {before.date} to {after.date}", value, parts)


def _product(name: str, parts: list[Explanation], view: CompleteView) -> Explanation:
    first, second = (float(part.value or 0) for part in parts)
    return made(Operation.PRODUCT, name, first * second, parts, unit=view.base_currency)


def _value(view: CompleteView, benchmark: Benchmark) -> Explanation:
    last = benchmark.daily[-1]
    parts = [
        _product(
            f"flow of {day.row.date} by what it has become",
            [dated("flow", day.row.date, day.flow, view), _ratio(day.row, last)],
            view,
        )
        for day in _flowed(view, benchmark)
        if day.flow
    ]
    note = f"used up on {benchmark.exhausted_on}" if benchmark.exhausted_on else None
    return summed(
        "benchmark.value", benchmark.value, parts, view.base_currency, note if parts else "nothing was put in"
    )


def _gain(view: CompleteView, benchmark: Benchmark) -> Explanation:
    flows = [dated("flow", day.row.date, day.flow, view).minus() for day in _flowed(view, benchmark) if day.flow]
    return summed("benchmark.gain", benchmark.gain, [_value(view, benchmark), *flows], view.base_currency)


def _xirr(view: CompleteView, benchmark: Benchmark) -> Explanation:
    flows = [dated("flow", day.row.date, -day.flow, view) for day in _flowed(view, benchmark) if day.flow]
    final = dated("final value", view.as_of, benchmark.value, view)
    return made(Operation.XIRR, "benchmark.xirr", benchmark.xirr, [*flows, final])


def _twr(_: CompleteView, benchmark: Benchmark) -> Explanation:
    days = [_return(benchmark, before, after) for before, after in pairwise(benchmark.daily)]
    note = None if days else "one day has no return"
    return made(Operation.CHAIN, "benchmark.twr", benchmark.twr, days, note=note)


def _return(benchmark: Benchmark, before: BenchmarkDay, after: BenchmarkDay) -> Explanation:
    value = (after.growth or 0.0) / (before.growth or 1.0) - 1
    return ended(f"return of {after.date}", value, source=_source(benchmark, after.date))


def _source(benchmark: Benchmark, day: dt.date) -> str:
    return f"{_CLOSES} {benchmark.symbol} {day}"


_MAKERS: dict[str, Callable[[CompleteView, Benchmark], Explanation]] = {
    "value": _value,
    "gain": _gain,
    "xirr": _xirr,
    "twr": _twr,
}
