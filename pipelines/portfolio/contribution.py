"""What each holding contributed to the time-weighted return; the contributions sum to it (CALCULATIONS 5).

Belongs here: attribution of the chained daily returns. Does not: the returns (`returns`), gains in money (`summary`).

The portfolio gained ``g[t]`` on the capital ``c[t]`` of a day, and a holding its part of it. What the part added to a
growth that stood at ``G[t-1]`` is ``G[t-1] x part / c[t]``: summed over days and holdings that is ``G[T] - 1`` exactly,
with no residue to be smoothed away. What no holding made (interest, fees of an account, exchange rates of cash) is a
row of its own.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.daily import DayFlow
from pipelines.portfolio.days import day_number
from pipelines.portfolio.exact import ONE_MONEY
from pipelines.portfolio.models import Contribution
from pipelines.portfolio.series import Series

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Weights:
    """What one unit of base currency adds to the growth, by day: as closing value, as opening value, as a flow."""

    closing: Floats
    opening: Floats
    flow: Floats


def contributions(series: Series, *, opened: bool, first: dt.date) -> list[Contribution]:
    """Return the contribution of every holding and of cash, largest first; none where the return is not known.

    Args:
        series: The daily series.
        opened: Whether the first day only opens the series.
        first: First day of the view; earlier flows belong to its opening.
    """
    growth = series.returns["growth"].to_list()
    if not growth or growth[-1] is None or series.days[-1].value is None:
        return []
    valued = np.array([day.value is not None for day in series.days]) & ~series.between[: len(series.days)]
    weights = _weights(series.returns, valued, opened=opened)
    found = _of_holdings(series, weights, first)
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


def _of_holdings(series: Series, weights: _Weights, first: dt.date) -> dict[Key, float | None]:
    held = series.held
    # The grid may have a day more than the series: it counts for nothing.
    weight = np.append(weights.closing - weights.opening, [0.0])[held.at]
    value = np.where(weight == 0, 0.0, held.floats)  # a day within a gap counts with none of its values
    parts = np.bincount(held.holding, weights=value * weight, minlength=len(held.keys))
    result: dict[Key, float | None] = dict(zip(held.keys, parts.tolist(), strict=True))
    place = {number: index for index, number in enumerate(series.grid.tolist())}
    for key, days in series.moves.items():
        moved = _flows(days, place, weights.flow, day_number(first))
        known = result.get(key, 0.0)
        result[key] = None if moved is None or known is None or np.isnan(known) else known - moved
    return result


def _flows(days: Mapping[int, DayFlow], place: Mapping[int, int], weight: Floats, first: int) -> float | None:
    """Return what flowed in, less what flowed out, in what it adds to the growth."""
    result = 0.0
    for day, flow in days.items():
        if day >= first:
            if flow.flow_in is None or flow.flow_out is None:
                return None
            result += (flow.flow_in - flow.flow_out) / ONE_MONEY * float(weight[place[day]])
    return result
