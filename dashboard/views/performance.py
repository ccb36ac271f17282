"""What the Performance page says: headline returns, growth, periods, months, falls, contributions.

Belongs here: choosing and naming what the document has, and returns of stretches that follow from its growth. Does not:
layout, charts, measures (`pipelines.portfolio`).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from dashboard.views.columns import Column, Kind, figures
from dashboard.views.overview import Tile, money_weighted, yearly
from pipelines import formats
from pipelines.portfolio.explain import Composed, Explanation, Figure, Less, Operation
from pipelines.portfolio.models import Benchmark, CompleteView, Contribution, Performance, PerformancePeriod

MOST_CONTRIBUTIONS = 15
LEAST_DAYS = 2
_LINE = {"date": pl.Date, "value": pl.Float64}
WINDOWS = {"3 months": 91, "1 year": 365, "3 years": 1096}
"""Days of the windows of rolling returns."""

PERIOD_COLUMNS = (
    Column("Period", "period"),
    Column("From", "start", Kind.DATE),
    Column("To", "end", Kind.DATE),
    Column("Time-weighted", "twr", Kind.RETURN, "Free of the effect of paying in and out."),
    Column("Without income", "price_return", Kind.RETURN, "Time-weighted, of prices and rates alone."),
    Column("Money-weighted, a year", "xirr", Kind.RETURN, "XIRR; of a year and more."),
    Column("Gain", "gain", Kind.GAIN, "Change of value less what was paid in, base currency."),
    Column("Paid in, net", "flow", Kind.MONEY),
    Column("Income", "income", Kind.MONEY),
)
DRAWDOWN_COLUMNS = (
    Column("Depth", "depth", Kind.RETURN),
    Column("Peak", "peak", Kind.DATE),
    Column("Trough", "trough", Kind.DATE),
    Column("Made good", "recovery", Kind.DATE),
    Column("Days", "days", Kind.DAYS, "From the peak until it was made good, or until now."),
)
FIGURES = figures(PERIOD_COLUMNS)
DRAWDOWN_FIGURES = figures(DRAWDOWN_COLUMNS)


def tiles(view: CompleteView) -> list[Tile]:
    """Return the headline returns, and the benchmark's where there is one."""
    summary = view.summary
    return [
        Tile("twr", "Time-weighted", formats.percent(summary.twr), yearly(view)),
        Tile("twr_before_tax", "Before taxes", formats.percent(summary.twr_before_tax), "time-weighted"),
        Tile("price_return", "Prices alone", formats.percent(summary.price_return), "without income"),
        money_weighted(view),
        Tile("simple_return", "Simple", formats.percent(summary.simple_return), "on average capital"),
        Tile("gain_on_purchases", "On purchases", formats.percent(summary.gain_on_purchases), "of all bought"),
    ]


def known_until(view: CompleteView, line: pl.DataFrame) -> str:
    """Say, where the return is not known, until when it was, before what is said next; ``line`` is that of `growth`."""
    if view.summary.twr is not None:
        return ""
    return f"Returns are known until {formats.day(line['date'][-1])}, and not since. "


def growth(view: CompleteView) -> pl.DataFrame:
    """Return what the portfolio had gained by day: ``date, value``, a fraction; unknown days are left out."""
    if view.performance is None:
        return pl.DataFrame(schema=_LINE)
    days = view.performance.daily
    frame = pl.DataFrame({"date": days.column("date"), "value": days.column("growth")}, schema=_LINE)
    return frame.drop_nulls().with_columns(pl.col("value") - 1)


def benchmark_growth(benchmark: Benchmark) -> pl.DataFrame:
    """Return what the benchmark had gained by day since the first of the view: ``date, value``, a fraction."""
    days = benchmark.daily
    frame = pl.DataFrame({"date": days.column("date"), "value": days.column("growth")}, schema=_LINE)
    return frame.drop_nulls().with_columns(pl.col("value") - 1)


def below_peak(line: pl.DataFrame) -> pl.DataFrame:
    """Return how far each day was below the highest before it: ``date, value``, from `growth`."""
    wealth = 1 + pl.col("value")
    return line.with_columns(value=wealth / pl.max_horizontal(wealth.cum_max(), 1.0) - 1)


def rolling(line: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return the growth of the last so many days by day: ``date, value``; none before the window is full."""
    then = line.select(date=pl.col("date").dt.offset_by(f"{days}d"), before=1 + pl.col("value"))
    joined = line.join_asof(then, on="date", strategy="backward")
    return joined.drop_nulls("before").select("date", value=(1 + pl.col("value")) / pl.col("before") - 1)


def periods(view: CompleteView) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the table of periods, and what each row is of the view."""
    rows = view.performance.periods if view.performance else []
    frame = pl.DataFrame(
        [tuple(_figure(row, column.field) for column in PERIOD_COLUMNS) for row in rows],
        schema=[column.title for column in PERIOD_COLUMNS],
        orient="row",
    )
    return frame, tuple(f"performance.periods.{row.period}" for row in rows)


def _figure(row: PerformancePeriod, field: str) -> Any:
    return row.xirr_of_a_year if field == "xirr" else getattr(row, field)


COMPARED_COLUMNS = (
    Column("Figure", "name"),
    Column("Portfolio", "portfolio"),
    Column("Benchmark", "benchmark"),
    Column("Difference", "difference"),
)


COMPARED_FIGURES = {column.title: column.field for column in COMPARED_COLUMNS[1:]}
_COMPARED = (("value", "value"), ("total_gain", "gain"), ("twr", "twr"), ("xirr", "xirr"))
"""The summary's and the benchmark's name of what is compared, a row each."""


def compared(view: CompleteView, row: int, field: str) -> Figure:
    """Return what explains a figure of a row of `against`."""
    own, other = _COMPARED[row]
    paths = {"portfolio": f"summary.{own}", "benchmark": f"benchmark.{other}"}
    if field in paths:
        return paths[field]
    first, second = getattr(view.summary, own), getattr(view.benchmark, other)
    return Composed(
        figure=f"difference of {own}",
        value=None if first is None or second is None else first - second,
        operation=Operation.SUM,
        parts=(paths["portfolio"], Less(paths["benchmark"])),
    )


def against(view: CompleteView, benchmark: Benchmark) -> pl.DataFrame:
    """Return portfolio and benchmark side by side, as text: value, gain, time- and money-weighted return."""
    summary, currency = view.summary, view.base_currency
    amounts = [("Value", summary.value, benchmark.value), ("Gain", summary.total_gain, benchmark.gain)]
    rates = [("Time-weighted", summary.twr, benchmark.twr), ("Money-weighted", summary.xirr, benchmark.xirr)]
    rows = [
        (
            name,
            formats.money(own, currency),
            formats.money(other, currency),
            formats.money(None if own is None or other is None else own - other, currency, signed=True),
        )
        for name, own, other in amounts
    ]
    rows += [
        (
            name,
            formats.percent(own),
            formats.percent(other),
            formats.percent(None if own is None or other is None else own - other),
        )
        for name, own, other in rates
    ]
    return pl.DataFrame(rows, schema=[column.title for column in COMPARED_COLUMNS], orient="row")


def months(performance: Performance) -> pl.DataFrame:
    """Return monthly returns, the newest year first: ``Year``, ``Year total``, a column a month.

    The total comes before the months, for a phone shows only the first of these columns at once.
    """
    years = {row.period: row.twr for row in performance.periods}
    by_year: dict[int, list[float | None]] = {}
    for row in performance.monthly:
        by_year.setdefault(row.year, [None] * 12)[row.month - 1] = row.twr
    known = {year: found for year, found in by_year.items() if any(rate is not None for rate in found)}
    rows = [(year, years.get(str(year)), *found) for year, found in sorted(known.items(), reverse=True)]
    return pl.DataFrame(
        rows,
        schema={"Year": pl.Int64, **dict.fromkeys(("Year total", *formats.months()), pl.Float64)},
        orient="row",
    )


def month_paths(matrix: pl.DataFrame) -> list[str]:
    """Return what each month and year that is known is of the view, year by year as the rows are."""
    return [
        f"performance.monthly.{year}-{month:02}.twr" if month else f"performance.periods.{year}.twr"
        for year, *known in matrix.rows()
        for month, value in enumerate(known)
        if value is not None
    ]


def drawdowns(performance: Performance, as_of: dt.date) -> tuple[pl.DataFrame, list[str]]:
    """Return the falls from a peak, the deepest first, and what each row is of the view."""
    ordered = sorted(enumerate(performance.drawdowns), key=lambda fall: fall[1].depth)
    rows = [
        (row.depth, row.peak, row.trough, row.recovery, ((row.recovery or as_of) - row.peak).days) for _, row in ordered
    ]
    schema = dict(
        zip(
            (column.title for column in DRAWDOWN_COLUMNS),
            (pl.Float64, pl.Date, pl.Date, pl.Date, pl.Int64),
            strict=True,
        )
    )
    paths = [f"performance.drawdowns.{number}" for number, _ in ordered]
    return pl.DataFrame(rows, schema=schema, orient="row"), paths


def drawdown_figure(falls: pl.DataFrame, paths: Sequence[str], as_of: dt.date, row: int, field: str) -> Figure:
    """Return what explains a figure of a row of `drawdowns`, which gave the falls and their paths."""
    path, fall = paths[row], falls.row(row, named=True)
    if field != "days":
        return f"{path}.{field}"
    recovery = fall["Made good"]
    last = ("as of", as_of) if recovery is None else ("made good", recovery)
    ends = [Explanation(figure=name, value=day.isoformat()) for name, day in (("peak", fall["Peak"]), last)]
    return Composed(figure=f"{path}.days", value=fall["Days"], operation=Operation.DAYS, parts=tuple(ends))


_CONTRIBUTION = {"name": pl.String, "contribution": pl.Float64, "path": pl.String}


def contributions(performance: Performance) -> pl.DataFrame:
    """Return what each symbol added to the return: small ones together, the largest first.

    Returns:
        ``name, contribution, paths``, the last what of the view it is the sum of.
    """
    known = [(row.symbol or "Cash and fees", row.contribution, _path_of(row)) for row in performance.contributions]
    frame = pl.DataFrame(known, schema=_CONTRIBUTION, orient="row").drop_nulls()
    sums = frame.group_by("name").agg(pl.col("contribution").sum(), paths="path")
    sums = sums.sort(pl.col("contribution").abs(), descending=True)
    shown, rest = sums.head(MOST_CONTRIBUTIONS), sums.slice(MOST_CONTRIBUTIONS)
    shown = shown.sort("contribution", descending=True)
    if rest.is_empty():
        return shown
    together = {
        "name": [f"{formats.count(rest.height)} others"],
        "contribution": [rest["contribution"].sum()],
        "paths": [rest["paths"].explode().to_list()],
    }
    return pl.concat([shown, pl.DataFrame(together)])


def no_contributions(view: CompleteView) -> str:
    """Say why there are no `contributions`."""
    if view.summary.twr is None:
        return "Not known: parts of a return need the return of the whole period."
    return "Nothing was held."


def _path_of(row: Contribution) -> str:
    name = "other" if row.symbol is None else f"{row.symbol}@{row.account}"
    return f"performance.contributions.{name}.contribution"


def contribution(parts: pl.DataFrame, row: int) -> Figure:
    """Return what explains a row of `contributions`; the one after the last is the whole return."""
    if row == parts.height:
        return "summary.twr"
    name, value, paths = parts.row(row)
    return Composed(figure=f"contribution of {name}", value=value, operation=Operation.SUM, parts=tuple(paths))
