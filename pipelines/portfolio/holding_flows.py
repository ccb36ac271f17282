"""The flows of all holdings as arrays.

Belongs here: laying them out for measures of all holdings at once. Does not: netting them (`daily`), the measures
(`holding_returns`, `contribution`).
"""

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.daily import DayFlow
from pipelines.portfolio.days import Ints
from pipelines.portfolio.exact import ONE_MONEY


class HoldingFlows(NamedTuple):
    """What came in and went out, a row a holding and day.

    ``holding`` is a place in ``keys``, ``day`` a day number; ``flows`` ``(n, 4)`` as of `daily.DayFlow` in units of the
    base currency, NaN where one was not known.
    """

    keys: tuple[Key, ...]
    holding: Ints
    day: Ints
    flows: npt.NDArray[np.float64]


def holding_flows(moves: Mapping[Key, Mapping[int, DayFlow]], first: int) -> HoldingFlows:
    """Return the flows of every holding from a day on; a holding without any is among the keys."""
    holding = np.repeat(np.arange(len(moves)), [len(days) for days in moves.values()])
    day = np.array(list(itertools.chain.from_iterable(moves.values())), dtype=np.int64)
    amounts = [flow for days in moves.values() for flow in days.values()]
    flows = np.array(amounts, dtype=np.float64).reshape(-1, len(DayFlow._fields)) / ONE_MONEY  # None is NaN
    counted = day >= first
    return HoldingFlows(tuple(moves), holding[counted], day[counted], flows[counted])
