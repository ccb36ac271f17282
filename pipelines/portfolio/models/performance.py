"""How the portfolio did: sums, series, periods, risk, allocations, benchmark.

Belongs here: sections about the portfolio as a whole. Does not: single holdings (`holdings`).
"""

import datetime as dt

from pydantic import Field

from pipelines.portfolio.models.rows import Rows
from pipelines.portfolio.models.values import Model, Money, Ratio

DAYS_OF_A_YEAR = 365


class Summary(Model):
    """The portfolio in one row, base currency.

    ``price_return`` is the time-weighted return without income; ``money_weighted`` is what ``xirr``, a rate of a year,
    amounts to over the days of the view.
    """

    value: Money
    cash: Money
    cost: Money
    net_invested: Money
    purchases: Money
    proceeds: Money
    unrealized_gain: Money
    realized_gain: Money
    income: Money
    fees: Money
    taxes: Money
    cash_fx_gain: Money
    total_gain: Money
    gain_on_purchases: Ratio
    simple_return: Ratio
    twr: Ratio
    twr_annualized: Ratio
    twr_before_tax: Ratio
    price_return: Ratio
    xirr: Ratio
    xirr_before_tax: Ratio
    money_weighted: Ratio
    day_change: Money
    day_return: Ratio

    @property
    def spans_a_year(self) -> bool:
        """Return whether a rate of a year says anything: of less, it would be read as what there was."""
        return self.twr_annualized is not None


class PerformanceDay(Model):
    """One valuation day, base currency; ``priced`` where something held has a price of that day, as risk counts.

    The chain of returns passes by a day that is not ``chained``: only a rate has moved, where a period begins or ends.
    """

    date: dt.date
    value: Money
    flow_in: Money
    flow_out: Money
    day_return: Ratio
    growth: Ratio
    covered: Ratio
    priced: bool | None = None
    chained: bool = True


class PerformancePeriod(Model):
    """A named period: from the close of its start to the close of its end."""

    period: str
    start: dt.date
    end: dt.date
    twr: Ratio
    price_return: Ratio
    xirr: Ratio
    gain: Money
    flow: Money
    income: Money

    @property
    def xirr_of_a_year(self) -> float | None:
        """Return the money-weighted rate where a year is over: of less, it would be read as what there was."""
        return self.xirr if (self.end - self.start).days >= DAYS_OF_A_YEAR else None


class Attribution(Model):
    """What became of the opening value; the parts add up to the final one exactly (CALCULATIONS 5).

    ``carried_gain`` is what lots had gained (as a cost) or lost when they came from another account, and the reverse of
    those that went to one; it is zero unless the view is that of one account.
    """

    initial_value: Money
    unrealized: Money
    realized: Money
    unrealized_fx_effect: Money
    realized_fx_effect: Money
    income: Money
    cash_fx_gain: Money
    fees: Money
    taxes: Money
    transfers: Money
    carried_gain: Money
    final_value: Money


class Contribution(Model):
    """What a holding added to the time-weighted return; without a symbol, what no holding made."""

    symbol: str | None
    account: str | None
    contribution: Ratio


class Mover(Model):
    """What a holding gained on the last day: its value less that of the day before, and flows.

    ``day_return`` is the change over the opening value and what flowed in.
    """

    symbol: str
    account: str
    opening_base: Money
    flow_in_base: Money
    flow_out_base: Money
    change_base: Money
    day_return: Ratio


class MonthlyReturn(Model):
    """Time-weighted return of a calendar month."""

    year: int
    month: int
    twr: Ratio


class Drawdown(Model):
    """A fall from a peak, and when it was made good."""

    peak: dt.date
    trough: dt.date
    recovery: dt.date | None
    depth: float


class Performance(Model):
    """How the portfolio did."""

    daily: Rows[PerformanceDay]
    periods: list[PerformancePeriod]
    attribution: Attribution
    monthly: list[MonthlyReturn] = Field(default_factory=list)
    drawdowns: list[Drawdown] = Field(default_factory=list)
    contributions: list[Contribution] = Field(default_factory=list)
    movers: Rows[Mover] = Rows.of(Mover)

    @property
    def last_day(self) -> dt.date | None:
        """Return the last day of ``daily``, which the change of a day is of: the last with a price or a transaction."""
        return self.daily.at([len(self.daily) - 1])[0].date if len(self.daily) else None


class Risk(Model):
    """Risk of the daily returns on days with a price; under a year nothing is ``annualized`` (CALCULATIONS 6).

    ``risk_free`` is the rate of a year that Sharpe, Sortino, omega and alpha were to beat.
    """

    annualized: bool
    risk_free: float = 0.0
    volatility: Ratio
    sharpe: Ratio
    sortino: Ratio
    max_drawdown: Ratio
    calmar: Ratio
    var_95: Ratio
    cvar_95: Ratio
    omega: Ratio
    beta: Ratio
    alpha: Ratio
    tracking_error: Ratio
    information_ratio: Ratio
    up_capture: Ratio
    down_capture: Ratio
    effective_holdings: Ratio


class AllocationRow(Model):
    """One class of one dimension."""

    key: str
    value: Money
    weight: Ratio
    target: Ratio
    drift: Ratio


class BenchmarkDay(Model):
    """What the same flows would be worth in the benchmark, and what 1.00 in it on the first day has become."""

    date: dt.date
    value: Money
    growth: Ratio


class Benchmark(Model):
    """The benchmark by the same flows (CALCULATIONS 7); ``exhausted_on`` is when outflows had taken all of it."""

    symbol: str
    value: Money
    gain: Money
    xirr: Ratio
    twr: Ratio
    exhausted_on: dt.date | None = None
    daily: Rows[BenchmarkDay]
