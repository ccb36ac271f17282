"""Returns with exchange rates held constant: what of a time-weighted return prices made, and what rates made.

Belongs here: taking the rates out of the daily returns. Does not: the returns (`returns`), the effects of prices and
rates on gains in money (`holdings`).

A day's return is measured from an opening value that is restated at the day's own rates::

    1 + r[t] = (V[t] + out[t]) / (V[t-1] + in[t])                  as the portfolio had it
    1 + h[t] = (V[t] + out[t]) / (V[t-1] at rates of t + in[t])     with rates held constant

so that ``h`` is what prices, income and charges made of the day: the return of a holder who hedges, each evening, the
currencies of everything that is held, at no cost. Chained, growth = growth with constant rates x growth of the rates.
Of a portfolio all in one foreign currency it is the return in that currency, exactly.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.booked import Booked, Question, booked
from pipelines.portfolio.complete import series_of
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import ONE_MONEY
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.models import CostMethod
from pipelines.portfolio.observations import table
from pipelines.portfolio.series import Series

Floats = npt.NDArray[np.float64]


def constant_rate_growth(
    ledger: LedgerFrames,
    market: MarketFrames,
    *,
    as_of: dt.date,
    base_currency: str,
    cost_method: CostMethod = CostMethod.FIFO,
    since: dt.date | None = None,
) -> pl.DataFrame:
    """Return what 1.00 became, as it was and with exchange rates held constant.

    Args:
        ledger: The ledger.
        market: Prices and rates as known.
        as_of: Valuation date.
        base_currency: Currency of the returns.
        cost_method: The portfolio's.
        since: The period opens at the close of this day; None for everything.

    Returns:
        A row a day, by ``date``: ``growth`` as the view has it and ``growth_constant_rates``, Float64; both null from
        where the view's is not known.

    Raises:
        EngineError: If the ledger is refused.
    """
    book = booked(ledger, market, Question(as_of, base_currency, cost_method, since))
    series = series_of(book)
    growth = series.returns["growth"].to_numpy()
    factors = _factors_of_rates(book, series)
    days = pl.Series([day.date for day in series.days], dtype=pl.Date)
    return table(date=days, growth=growth, growth_constant_rates=growth / np.multiply.accumulate(factors))


def _factors_of_rates(book: Booked, series: Series) -> Floats:
    """Return what rates alone made of each day's capital: 1 where it has none, or no value before."""
    count = len(series.days)
    value, flow_in = (
        np.array([getattr(day, name) for day in series.days], dtype=np.float64) / ONE_MONEY
        for name in ("value", "flow_in")
    )
    valued = np.flatnonzero(~np.isnan(value))
    factors = np.ones(count)
    if len(valued) < 2:  # noqa: PLR2004 - from one day to the next
        return factors
    before, after = valued[:-1], valued[1:]
    moved = sum((_moved(of, before, after) for of in _exposures(book, series)), start=np.zeros(len(after)))
    capital = value[before] + np.nan_to_num(flow_in[after])
    factors[after] = np.where(capital > 0, 1 + moved / np.where(capital > 0, capital, 1.0), 1.0)
    return factors


class _Exposure:
    """What is held in one foreign currency by day, base currency, and its rate by day; NaN where one is not known."""

    def __init__(self, value: Floats, rate: Floats) -> None:
        self.value, self.rate = value, rate


def _moved(of: _Exposure, before: Ints, after: Ints) -> Floats:
    """Return what a currency's rate made of what was held in it, from one valued day to the next."""
    change = of.rate[after] / of.rate[before] - 1
    moved: Floats = np.nan_to_num(of.value[before] * change)
    return moved


def _exposures(book: Booked, series: Series) -> Iterable[_Exposure]:
    """Yield holdings and cash by currency, the base currency left out: its rate never moves."""
    base, held, count = book.asked.base, series.held, len(series.days)
    of_holding = [book.currencies[symbol] for _, symbol in held.keys]
    cash = _balances(book, series.grid[:count])
    for code in sorted({*of_holding, *cash} - {base}):
        rate = book.fx.ratios(code, base, series.grid[:count]).floats(np.float64)
        own = np.isin(held.holding, [at for at, currency in enumerate(of_holding) if currency == code])
        own &= held.at < count
        value = np.bincount(held.at[own], weights=np.nan_to_num(held.floats[own]), minlength=count)
        yield _Exposure(value + np.nan_to_num(cash.get(code, np.zeros(count)) * rate), rate)


def _balances(book: Booked, days: Ints) -> dict[str, Floats]:
    """Return the cash of each currency at the close of each day, in that currency."""
    steps: dict[str, Floats] = defaultdict(lambda: np.zeros(len(days) + 1))
    for step in book.books.cash_steps:
        steps[step.currency][np.searchsorted(days, day_number(step.date))] += step.amount / ONE_MONEY
    return {currency: np.cumsum(changes)[: len(days)] for currency, changes in steps.items()}
