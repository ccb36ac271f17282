"""What each holding contributed to the time-weighted return; the contributions sum to it (CALCULATIONS 5).

Belongs here: attribution of the chained daily returns. Does not: the returns (`returns`), gains in money (`summary`).

The portfolio gained ``g[t]`` on the capital ``c[t]`` of a day, and a holding its part of it. What the part added to a
growth that stood at ``G[t-1]`` is ``G[t-1] x part / c[t]``: summed over days and holdings that is ``G[T] - 1`` exactly,
with no residue to be smoothed away. What no holding made (interest, fees of an account, exchange rates of cash) is a
row of its own.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.days import Ints
from pipelines.portfolio.models import Contribution
from pipelines.portfolio.series import Series

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Weights:
    """What one unit of base currency adds to the growth, by day: as closing value, as opening value, as a flow."""

    closing: Floats
    opening: Floats
    flow: Floats


def contributions(series: Series, *, opened: bool) -> list[Contribution]:
    """Return the contribution of every holding and of cash, largest first; none where the return is not known.

    Args:
        series: The daily series.
        opened: Whether the first day only opens the series.
    """
    growth = series.returns["growth"].to_list()
    if not growth or growth[-1] is None or series.days[-1].value is None:
        return []
    valued = np.array([day.value is not None for day in series.days]) & ~series.between[: len(series.days)]
    weights = _weights(series.returns, valued, opened=opened)
    found = _of_holdings(series, weights)
    known = [part for part in found.values() if part is not None]
    rest = growth[-1] - 1 - sum(known) if len(known) == len(found) else None
    rows = [Contribution(symbol=key[1], account=key[0], contribution=part) for key, part in found.items()]
    rows.sort(key=lambda row: (row.contribution is None, -(row.contribution or 0), row.symbol or "", row.account or ""))
    return [*rows, Contribution(symbol=None, account=None, contribution=rest)]


def _weights(returns: pl.DataFrame, valued: npt.NDArray[np.bool_], *, opened: bool) -> _Weights:
    """Return the weights by day; the days of a gap weigh as the day with a value that ends it."""
    growth, capital = (returns[name].to_numpy() for name in ("growth", "capital"))
    known = np.flatnonzero(valued)
    before = np.concatenate([[1.0], growth[known[:-1]]])[: len(known)]
    made_on = capital[known]
    weight = np.divide(before, made_on, out=np.zeros(len(known)), where=made_on > 0)
    if opened:
        weight[known == 0] = 0.0  # the first day only opens the series
    weights = _Weights(*(np.zeros(len(valued)) for _ in range(3)))
    weights.closing[known] = weight
    weights.opening[known[:-1]] = weight[1:]
    next_known = np.searchsorted(known, np.arange(len(valued)))
    weights.flow[:] = np.append(weight, 0.0)[next_known]
    return weights


def _of_holdings(series: Series, weights: _Weights) -> dict[Key, float | None]:
    held, moved = series.held, series.flows
    # The grid may have a day more than the series: it counts for nothing.
    weight = np.append(weights.closing - weights.opening, [0.0])[held.at]
    value = np.where(weight == 0, 0.0, held.floats)  # a day within a gap counts with none of its values
    made = dict(zip(held.keys, _summed(held.holding, value * weight, len(held.keys)), strict=True))
    net = (moved.flows[:, 0] - moved.flows[:, 1]) * weights.flow[np.searchsorted(series.grid, moved.day)]
    paid = dict(zip(moved.keys, _summed(moved.holding, net, len(moved.keys)), strict=True))
    parts = {key: made.get(key, 0.0) - paid.get(key, 0.0) for key in {**made, **paid}}
    return {key: None if np.isnan(part) else part for key, part in parts.items()}


def _summed(holding: Ints, amounts: Floats, count: int) -> list[float]:
    found: list[float] = np.bincount(holding, weights=amounts, minlength=count).tolist()
    return found
