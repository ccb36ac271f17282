"""The risk of a view (CALCULATIONS 6).

Belongs here: which returns count, and that nothing is annualised under a year. Does not: any measure (`risk`).
"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from pipelines.portfolio import models, risk
from pipelines.portfolio.exact import Ratio
from pipelines.portfolio.holdings import Position
from pipelines.portfolio.observations import PERIODS_A_YEAR, compounded, trading_days
from pipelines.portfolio.returns import annual_return
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR
from pipelines.portfolio.series import Series


def risk_section(
    series: Series,
    positions: Sequence[Position],
    worths: Sequence[Ratio | None] | None,
    *,
    as_of: dt.date,
    risk_free: float,
) -> models.Risk | None:
    """Return the risk of the daily returns on days with a price of something held; None without such a day.

    A return of another day counts in that of the next. The deepest fall is that of the drawdowns, over every day.

    Args:
        series: The daily series.
        positions: What is held, for its concentration.
        worths: What one unit of the benchmark is worth on each day of the series; None without a benchmark.
        as_of: Valuation date: a year ends on it, as that of the time-weighted return, whether a market was open or not.
        risk_free: A year.
    """
    own = series.returns["day_return"]
    returns, other = _observed(own.to_list(), _changes(worths) if worths else None, series.priced)
    if not len(returns):
        return None
    fall = risk.max_drawdown(own)
    annualized = (as_of - series.days[0].date).days >= DAYS_A_YEAR
    periods = PERIODS_A_YEAR if annualized else 1
    free = risk.rate_per_period(risk_free, PERIODS_A_YEAR) or 0.0
    whole = PERIODS_A_YEAR if annualized else max(1, len(returns))  # so that Calmar's growth is that of the period
    rate = annual_return(returns, whole)
    return models.Risk(
        annualized=annualized,
        risk_free=risk_free,
        volatility=risk.annual_volatility(returns, periods),
        sharpe=risk.sharpe_ratio(returns, free, periods_per_year=periods),
        sortino=risk.sortino_ratio(returns, free, periods_per_year=periods),
        max_drawdown=fall,
        calmar=rate / -fall if rate is not None and fall else None,
        var_95=risk.value_at_risk(returns),
        cvar_95=risk.conditional_value_at_risk(returns),
        omega=risk.omega_ratio(returns, free),
        **_relative(returns, other, free, periods),
        effective_holdings=risk.effective_holdings(_weights(positions)),
    )


def _relative(returns: pl.Series, other: pl.Series | None, free: float, periods: float) -> dict[str, float | None]:
    names = ("beta", "alpha", "tracking_error", "information_ratio", "up_capture", "down_capture")
    if other is None:
        return dict.fromkeys(names)
    line = risk.alpha_beta(returns, other, risk_free=free, periods_per_year=periods)
    return {
        "beta": line.beta,
        "alpha": line.alpha,
        "tracking_error": risk.tracking_error(returns, other, periods_per_year=periods),
        "information_ratio": risk.information_ratio(returns, other, periods_per_year=periods),
        "up_capture": risk.up_capture(returns, other, periods_per_year=periods),
        "down_capture": risk.down_capture(returns, other, periods_per_year=periods),
    }


def _observed(
    own: Sequence[float | None], other: Sequence[float | None] | None, priced: Sequence[bool]
) -> tuple[pl.Series, pl.Series | None]:
    """Return the returns of portfolio and benchmark by trading day, over the same days: those with a return.

    A trading day without one is spanned by the next that has one; those after the last that has one, by none.
    """
    groups = [[at for at in days if own[at] is not None] for days in trading_days(priced)]
    while groups and not groups[-1]:
        groups.pop()

    def by_group(returns: Sequence[float | None]) -> pl.Series:
        # Most often an observation is one day.
        of_days = (returns[days[0]] if len(days) == 1 else compounded([returns[at] for at in days]) for days in groups)
        return pl.Series(list(of_days), dtype=pl.Float64)

    return by_group(own), None if other is None else by_group(other)


def _changes(worths: Sequence[Ratio | None]) -> list[float | None]:
    changes = [
        None if before is None or after is None else after.num * before.den / (after.den * before.num) - 1
        for before, after in pairwise(worths)
    ]
    return [None, *changes]


def _weights(positions: Sequence[Position]) -> pl.Series:
    """Return the value of each symbol over all accounts."""
    values: dict[str, float] = {}
    for position in positions:
        if position.is_open and position.value_base is not None:
            values[position.key[1]] = values.get(position.key[1], 0.0) + position.value_base
    return pl.Series(list(values.values()), dtype=pl.Float64)


def observed_returns(view: models.CompleteView) -> pl.DataFrame:
    """Return the returns that the risk of a view is measured on.

    Returns:
        A row a trading day with a return, by ``date``: ``day_return``, a fraction, in which days before it without a
        price of something held count.
    """
    days = view.performance.daily if view.performance else models.Rows.of(models.PerformanceDay)
    dates, returns = days.column("date"), days.column("day_return")
    groups = trading_days([bool(priced) for priced in days.column("priced")])
    found = pl.DataFrame(
        [(dates[group[-1]], compounded([returns[at] for at in group])) for group in groups],
        schema={"date": pl.Date, "day_return": pl.Float64},
        orient="row",
    )
    return found.drop_nulls()
