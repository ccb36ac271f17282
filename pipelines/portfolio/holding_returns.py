"""Time-weighted returns of holdings (CALCULATIONS 4, 5).

Belongs here: the chain of one holding, for all of them at once. Does not: the portfolio's (`series`, `returns`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.booking.books import Flow, Key
from pipelines.portfolio.daily import netted
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import ONE_MONEY, Amount
from pipelines.portfolio.series import Series

_DAYS = 1_000_000  # more than there are days since 1970: holding and day as one sortable number
Floats = npt.NDArray[np.float64]


def holding_returns(
    series: Series, flows: Mapping[Key, Sequence[Flow]], *, first: dt.date
) -> dict[Key, tuple[float | None, float | None]]:
    """Return the time-weighted return of every holding, after and before tax; None where it cannot be known.

    Every cash leg is a flow: in from the open of its day, out until its close (CALCULATIONS 4, 5).
    """
    number = {key: index for index, key in enumerate(series.keys)}
    moved = _moves(flows, number, first, before_tax=False)
    grid = _with_days_of(_grid(series.holdings), moved.place)
    untaxed = _moves(flows, number, first, before_tax=True)
    after, before = _chained(grid, moved), _chained(grid, untaxed)
    return {key: (after.get(index), before.get(index)) for key, index in number.items()}


class _Grid(NamedTuple):
    """Values by holding and day, sorted; NaN where one is not known."""

    place: Ints
    value: Floats


class _Moves(NamedTuple):
    """Flows by holding and day, sorted; NaN where one was not known."""

    place: Ints
    flow_in: Floats
    flow_out: Floats


def _grid(holdings: pl.DataFrame) -> _Grid:
    place = holdings["holding"].to_numpy() * _DAYS + holdings["day"].to_numpy()
    return _Grid(place, holdings["value"].cast(pl.Float64).to_numpy())


def _with_days_of(grid: _Grid, asked: Ints) -> _Grid:
    """Add the days with a flow and nothing held any more, on which the holding is worth nothing."""
    at = np.searchsorted(grid.place, asked)
    absent = np.ones(len(asked), dtype=bool)
    inside = at < len(grid.place)
    absent[inside] = grid.place[at[inside]] != asked[inside]
    if not absent.any():
        return grid
    return _Grid(np.insert(grid.place, at[absent], asked[absent]), np.insert(grid.value, at[absent], 0.0))


def _moves(
    flows: Mapping[Key, Sequence[Flow]], number: Mapping[Key, int], first: dt.date, *, before_tax: bool
) -> _Moves:
    start = day_number(first)
    rows = [
        (number[key] * _DAYS + day, _known(flow_in), _known(flow_out))
        for key, items in flows.items()
        if key in number
        for day, (flow_in, flow_out) in netted(items, before_tax=before_tax).items()
        if day >= start
    ]
    rows.sort()
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return _Moves(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.float64),
        np.array(columns[2], dtype=np.float64),
    )


def _known(amount: Amount) -> float:
    return np.nan if amount is None else amount / ONE_MONEY


def _chained(grid: _Grid, moves: _Moves) -> dict[int, float]:
    """Return the product of the daily ratios of each holding that has one throughout.

    Between two days with a flow the product is closing value over opening value, so that only those days are looked at
    where every value is positive; the others are chained day by day.
    """
    if not len(grid.place):
        return {}
    holding = grid.place // _DAYS
    starts = np.flatnonzero(np.diff(holding, prepend=-1))
    lowest = np.minimum.reduceat(grid.value, starts)  # NaN where a value is missing
    kept = np.zeros(len(grid.place), dtype=bool)
    kept[starts] = True
    kept[np.append(starts[1:], len(holding)) - 1] = True
    rows = np.searchsorted(grid.place, moves.place)
    kept[rows] = True
    kept[np.maximum(rows - 1, 0)] = True
    plain = np.repeat(lowest > 0, np.diff(np.append(starts, len(holding))))
    at = np.flatnonzero(kept | ~plain)
    return _products(_Grid(grid.place[at], grid.value[at]), moves)


def _products(grid: _Grid, moves: _Moves) -> dict[int, float]:
    place, value = grid
    flow_in, flow_out = np.zeros(len(place)), np.zeros(len(place))
    rows = np.searchsorted(place, moves.place)
    flow_in[rows], flow_out[rows] = moves.flow_in, moves.flow_out
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
