"""Exact products of whole columns: what makes a value for every day both exact and fast.

Belongs here: units x price x rate, rounded half-even like `exact.worth_in`, for arrays. Does not: meaning.

A product of decimals takes many times as long as one of floats, and a float is exact enough to round by wherever the
product is not near a half: it is computed as the widest float there is (80 bits on x86) with a bound on its error, and
only the products that the bound leaves in doubt, and those too large, are computed again in integers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.portfolio.days import Ints
from pipelines.portfolio.exact import ONE_UNIT, Ratio, worth_in

_BOUND = 4 * np.finfo(np.longdouble).eps  # two factors and two products are rounded, by half of it each
_LARGEST = 2**62


class Factors(NamedTuple):
    """Units, prices and rates, and for each product which of them; a price or rate may be missing (-1, None)."""

    units: Sequence[int]
    closes: Ints
    rates: Sequence[Ratio | None]
    unit_of: Ints
    close_of: Ints
    rate_of: Ints


class Products(NamedTuple):
    """Products as integers of 1e-8; 0 where ``known`` is not, and in ``large`` those beyond 64 bits."""

    value: Ints
    known: npt.NDArray[np.bool_]
    large: dict[int, int]


def products(factors: Factors) -> Products:
    """Return ``(n,)`` units x close x rate, each rounded once, half-even."""
    rates = np.array([_float(rate) for rate in factors.rates], dtype=np.longdouble)
    units = np.array(factors.units, dtype=np.longdouble) / ONE_UNIT
    closes = np.append(factors.closes, 0).astype(np.longdouble)
    closes[-1] = np.nan  # the close of row -1, which is missing
    near = units[factors.unit_of] * closes[factors.close_of] * rates[factors.rate_of]
    known = ~np.isnan(near)
    near[~known] = 0.0
    size = np.abs(near)
    doubtful = np.abs(np.abs(near - np.rint(near)) - 0.5) <= size * _BOUND
    again = np.flatnonzero((doubtful & (size > 0)) | (size >= _LARGEST))
    near[again] = 0.0
    value = np.rint(near).astype(np.int64)
    large: dict[int, int] = {}
    for at in again.tolist():
        exact = _exact(factors, at)
        if abs(exact) < _LARGEST:
            value[at] = exact
        else:
            large[at] = exact
    return Products(value, known, large)


def _float(rate: Ratio | None) -> np.longdouble:
    return np.longdouble("nan") if rate is None else np.longdouble(rate.num) / np.longdouble(rate.den)


def _exact(factors: Factors, at: int) -> int:
    rate = factors.rates[factors.rate_of[at]]
    if rate is None:
        message = "a product without a rate is not known, so that there is nothing to compute again"
        raise ValueError(message)
    return worth_in(factors.units[factors.unit_of[at]], int(factors.closes[factors.close_of[at]]), rate)
