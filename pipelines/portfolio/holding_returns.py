"""Time-weighted returns of holdings (CALCULATIONS 4, 5).

Belongs here: the chain of one holding, for all of them at once. Does not: the portfolio's (`series`, `returns`).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.days import Ints
from pipelines.portfolio.holding_flows import HoldingFlows
from pipelines.portfolio.series import Series

_DAYS = 1_000_000  # more than there are days since 1970: holding and day as one sortable number
Floats = npt.NDArray[np.float64]


def holding_returns(series: Series) -> dict[Key, tuple[float | None, float | None]]:
    """Return the time-weighted return of every holding, after and before tax; None where it cannot be known.

    Every cash leg is a flow: in from the open of its day, out until its close (CALCULATIONS 4, 5).
    """
    number = {key: index for index, key in enumerate(series.held.keys)}
    moves = _moves(series.flows, number)
    grid = _that_matter(_grid(series), moves.place)
    after = _products(grid, moves.place, moves.flows[:, 0], moves.flows[:, 1])
    before = _products(grid, moves.place, moves.flows[:, 2], moves.flows[:, 3])
    return {key: (after.get(index), before.get(index)) for key, index in number.items()}


class _Grid(NamedTuple):
    """Values by holding and day, sorted; NaN where one is not known."""

    place: Ints
    value: Floats


class _Moves(NamedTuple):
    """Flows by holding and day, sorted: ``(n_moves, 4)`` as of `daily.DayFlow`; NaN where one was not known."""

    place: Ints
    flows: Floats


def _grid(series: Series) -> _Grid:
    held = series.held
    place, value = held.holding * _DAYS + series.grid[held.at], held.floats
    if not series.between.any():
        return _Grid(place, value)
    kept = ~series.between[held.at]
    return _Grid(place[kept], value[kept])


def _moves(flows: HoldingFlows, number: Mapping[Key, int]) -> _Moves:
    index = np.array([number.get(key, -1) for key in flows.keys], dtype=np.int64)[flows.holding]
    place = index * _DAYS + flows.day
    rows = np.flatnonzero(index >= 0)
    rows = rows[np.argsort(place[rows])]
    return _Moves(place[rows], flows.flows[rows])


def _that_matter(grid: _Grid, moved: Ints) -> _Grid:
    """Return the rows that the chain of each holding needs.

    Between two days with a flow the product of daily ratios is closing value over opening value: first and last day,
    days with a flow and those before them are enough where every value is positive. The others keep all their days. A
    day with a flow and nothing held any more is worth nothing.
    """
    if not len(grid.place):
        return _Grid(moved, np.zeros(len(moved)))
    numbers = np.arange(grid.place[-1] // _DAYS + 2) * _DAYS
    bounds = np.searchsorted(grid.place, numbers)
    starts, ends = bounds[:-1][np.diff(bounds) > 0], bounds[1:][np.diff(bounds) > 0]
    lowest = np.minimum.reduceat(grid.value, starts)  # NaN where a value is missing
    whole = [np.arange(starts[index], ends[index]) for index in np.flatnonzero(~(lowest > 0))]
    at = np.searchsorted(grid.place, moved)
    held = np.zeros(len(moved), dtype=bool)
    inside = at < len(grid.place)
    held[inside] = grid.place[at[inside]] == moved[inside]
    rows = np.unique(np.concatenate([starts, ends - 1, at[held], np.maximum(at - 1, 0), *whole]))
    place = np.concatenate([grid.place[rows], moved[~held]])
    order = np.argsort(place, kind="stable")
    return _Grid(place[order], np.concatenate([grid.value[rows], np.zeros(int((~held).sum()))])[order])


def _products(grid: _Grid, moved: Ints, moved_in: Floats, moved_out: Floats) -> dict[int, float]:
    """Return the product of the ratios of each holding that has one throughout."""
    place, value = grid
    if not len(place):
        return {}
    flow_in, flow_out = np.zeros(len(place)), np.zeros(len(place))
    rows = np.searchsorted(place, moved)
    flow_in[rows], flow_out[rows] = moved_in, moved_out
    holding = place // _DAYS
    starts = np.flatnonzero(np.diff(holding, prepend=-1))
    opening = np.roll(value, 1)
    opening[starts] = 0.0
    opening += flow_in
    closing = value + flow_out
    ratio = np.where(opening > 0, closing / np.where(opening > 0, opening, 1.0), 1.0)
    ratio[np.isnan(opening) | np.isnan(closing) | (opening < 0)] = np.nan
    product = np.multiply.reduceat(ratio, starts)
    ever = np.logical_or.reduceat(opening > 0, starts)
    pairs = zip(holding[starts].tolist(), product.tolist(), ever.tolist(), strict=True)
    return {index: result - 1 for index, result, open_ in pairs if open_ and not np.isnan(result)}
