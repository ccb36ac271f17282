"""What a point of a chart says of where it comes from.

Belongs here: from a day, a month or a part of a ring that was clicked to the figures that are drawn there. Does not:
drawing (`charts`), the document's own figures (`pipelines.portfolio.explain`), opening the dialog (`explaining`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from dashboard.views.research import ADJUSTED
from dashboard.views.risk import chained
from pipelines.portfolio.crossed import members
from pipelines.portfolio.explain import Composed, Explanation, Figure, Operation, explain_closes, explain_paid_in
from pipelines.portfolio.models import CompleteView

_PUT_IN = Explanation(figure="what was put in", value=1.0)


def value_on(view: CompleteView, day: dt.date) -> Composed:
    """Return value and contributions of a day."""
    parts = (f"performance.daily.{day}.value", explain_paid_in(view, day))
    return _together(f"value and contributions on {day}", parts)


def growth_on(drawn: Mapping[str, pl.DataFrame], day: dt.date) -> Composed:
    """Return what 1 had become on a day.

    Args:
        drawn: What the portfolio (``performance``) and the ``benchmark`` had gained: ``date, value``.
        day: One of the days of either.
    """
    of = [section for section, line in drawn.items() if day in line["date"]]
    return _together(f"growth until {day}", [f"{section}.daily.{day}.growth" for section in of])


def rolled_until(line: pl.DataFrame, length: int, day: dt.date) -> Composed:
    """Return the return of the days up to one.

    Args:
        line: What the portfolio had gained: ``date, value``.
        length: Days of the window.
        day: The last of them.
    """
    start, gained = line.filter(pl.col("date") <= day - dt.timedelta(days=length)).row(-1)
    return _changed(f"return from {start} to {day}", line, day, (gained, _growth(start)))


def below_peak_on(line: pl.DataFrame, day: dt.date) -> Composed:
    """Return how far a day is below the highest until then, or below what was put in where that was more.

    Args:
        line: What the portfolio had gained: ``date, value``.
        day: One of its days.
    """
    until = line.filter(pl.col("date") <= day)
    peak, gained = until.sort("value").row(-1)
    before = (0.0, _PUT_IN) if gained < 0 else (gained, _growth(peak))
    return _changed(f"distance from the peak, on {day}", line, day, before)


def _growth(day: dt.date) -> str:
    return f"performance.daily.{day}.growth"


def _drawn_on(line: pl.DataFrame, day: dt.date) -> float:
    value: float = line.filter(pl.col("date") == day)["value"].item()
    return value


def _changed(name: str, line: pl.DataFrame, day: dt.date, before: tuple[float, Figure]) -> Composed:
    value = (1 + _drawn_on(line, day)) / (1 + before[0]) - 1
    return Composed(figure=name, value=value, operation=Operation.CHANGE, parts=(_growth(day), before[1]))


def volatility_until(returns: pl.DataFrame, window: int, periods: float, line: pl.DataFrame, day: dt.date) -> Figure:
    """Return the volatility of the returns up to a day.

    Args:
        returns: Of days with a price: ``date, day_return``.
        window: How many of them.
        periods: Of which a year has so many; 1 where it is no rate of a year.
        line: What is drawn: ``date, value``.
        day: The last of the window.
    """
    last = returns.filter(pl.col("date") <= day).tail(window)
    parts = [
        Explanation(figure=f"return of {on}", value=of_day, source=f"valuation_daily {on}")
        for on, of_day in last.select("date", "day_return").iter_rows()
    ]
    return Explanation(
        figure=f"volatility of {window} days until {day}",
        value=_drawn_on(line, day),
        operation=Operation.MEASURE,
        data={"measure": "annual_volatility", "periods_per_year": periods},
        parts=parts,
    )


def constant_rates_until(grown: pl.DataFrame, day: dt.date) -> Composed:
    """Return the growth of a portfolio until a day, as it was and with rates held constant; ``grown`` has all days."""
    until = grown.filter(pl.col("date") <= day)
    names = {"growth as it was": "growth", "growth with rates held constant": "growth_constant_rates"}
    parts = [chained(name, until[column][-1], until, pl.col(column)) for name, column in names.items()]
    return _together(f"growth until {day}", parts)


# Others


def closes_on(symbol: str, line: pl.DataFrame, day: dt.date) -> Explanation:
    """Return the closes of a day of a price line."""
    row = line.filter(pl.col("date") == day).row(0, named=True)
    closes = {name: Decimal(str(row[column])) for name, column in ADJUSTED.items() if row[column] is not None}
    return explain_closes(symbol, day, closes, row["currency"])


def price_on(symbol: str, line: pl.DataFrame, marks: pl.DataFrame, day: dt.date) -> Composed:
    """Return the closes of a day, and what happened to the holding on it: ``marks`` as `views.holdings` has them."""
    here = marks.filter(pl.col("date") == day)
    told = [Explanation(figure=what, value=text) for what, text in here.select("what", "text").iter_rows()]
    closes = [closes_on(symbol, line, day)] if day in line["date"] else []
    return _together(f"{symbol} on {day}", [*closes, *told])


def received_in(view: CompleteView, period: str) -> Composed:
    """Return the income of a month (``2026-03``) or of a year (``2026``)."""
    months = [row for row in view.income.by_month if row.month.startswith(period)]
    return _together(f"income of {period}", [f"income.by_month.{row.month}.gross_base" for row in months])


def to_come_in(view: CompleteView, month: str) -> Composed:
    """Return the income that is to come in a month (``2026-03``)."""
    days = zip(view.income.projected.column("pay_date"), view.income.projected.column("ex_date"), strict=True)
    of = [number for number, (paid, ex) in enumerate(days) if f"{paid or ex}".startswith(month)]
    return _together(f"income to come in {month}", [f"income.projected.{number}.gross_base" for number in of])


def share_of(view: CompleteView, outer: str, inner: str, classes: tuple[str, str]) -> Composed:
    """Return the value of what is of two classes at once.

    Args:
        view: The document.
        outer: The dimension of the first class.
        inner: The dimension of the second.
        classes: One of each.
    """
    values = members(view, outer, inner)[classes]
    return Composed(
        figure=f"value of {' and '.join(dict.fromkeys(classes))}",
        value=sum(values.values(), start=Decimal(0)),
        operation=Operation.SUM,
        parts=tuple(values),
        unit=view.base_currency,
    )


def _together(name: str, parts: Sequence[Figure]) -> Composed:
    """Return figures that are drawn at one place, below what that place is."""
    return Composed(figure=name, value=None, operation=Operation.ROW, parts=tuple(parts))
