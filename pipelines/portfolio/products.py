"""Exact products of whole columns: what makes a value for every day both exact and fast.

Belongs here: units x price x rate, rounded half-even like `exact.worth_in`, for arrays. Does not: meaning.

A product of decimals takes many times as long as one of floats, and a float is exact enough to round by wherever the
product is not near a half: it is computed as a float with a bound on its error, and only the products that the bound
leaves in doubt are computed again, as the widest float there is (80 bits on x86) and at last in integers.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.portfolio.days import Ints
from pipelines.portfolio.exact import ONE_UNIT, Ratio, worth_in

_LARGEST = 2**62
_AT_ONCE = 2**15  # products whose steps stay in the processor's cache
_Floating = type[np.float64] | type[np.longdouble]


@dataclass(frozen=True)
class Ratios:
    """Quotients of integers by column; ``den`` is 0 where one is missing, those beyond 64 bits are in ``large``."""

    num: Ints
    den: Ints
    large: Mapping[int, Ratio]

    @classmethod
    def of(cls, ratios: Sequence[Ratio | None]) -> "Ratios":
        """Return single quotients as a column."""
        large = {at: ratio for at, ratio in enumerate(ratios) if ratio and max(abs(ratio.num), ratio.den) > _LARGEST}
        small = [_NO_RATIO if ratio is None or at in large else ratio for at, ratio in enumerate(ratios)]
        num, den = [ratio.num for ratio in small], [ratio.den for ratio in small]
        return cls(np.array(num, dtype=np.int64), np.array(den, dtype=np.int64), large)

    @classmethod
    def ones(cls, count: int) -> "Ratios":
        """Return what changes nothing, so many times."""
        one = np.ones(count, dtype=np.int64)
        return cls(one, one, {})

    @classmethod
    def joined(cls, columns: Sequence["Ratios"]) -> "Ratios":
        """Return columns one below the other."""
        starts = itertools.accumulate((len(column.num) for column in columns), initial=0)
        large = {
            start + at: ratio
            for start, column in zip(starts, columns, strict=False)
            for at, ratio in column.large.items()
        }
        empty = np.zeros(0, dtype=np.int64)
        num = np.concatenate([empty, *(column.num for column in columns)])
        den = np.concatenate([empty, *(column.den for column in columns)])
        return cls(num, den, large)

    def at(self, row: int) -> Ratio | None:
        """Return one of them; None where it is missing."""
        small = Ratio(int(self.num[row]), int(self.den[row])) if self.den[row] else None
        return self.large.get(row, small)

    def to_list(self) -> list[Ratio | None]:
        """Return all of them."""
        small = zip(self.num.tolist(), self.den.tolist(), strict=True)
        return [self.large.get(at) if not den else Ratio(num, den) for at, (num, den) in enumerate(small)]

    def floats(self, kind: "_Floating") -> npt.NDArray[Any]:
        """Return them as floats, NaN where one is missing: two terms and a quotient, each rounded once."""
        return self._doubles if kind is np.float64 else self._as(kind)

    @cached_property
    def _doubles(self) -> npt.NDArray[Any]:
        """Return them as floats of a kind that every stretch of a long column asks for again."""
        return self._as(np.float64)

    def _as(self, kind: "_Floating") -> npt.NDArray[Any]:
        num: npt.NDArray[Any] = self.num.astype(kind)
        den: npt.NDArray[Any] = self.den.astype(kind)
        den[self.den == 0] = np.nan
        found: npt.NDArray[Any] = num / den
        for at, ratio in self.large.items():
            found[at] = kind(ratio.num) / kind(ratio.den)
        return found


_NO_RATIO = Ratio(0, 0)


class Factors(NamedTuple):
    """Units, prices and rates, and for each product which of them; a price or rate may be missing (-1, None)."""

    units: Sequence[int]
    closes: Ints
    rates: Ratios
    unit_of: Ints
    close_of: Ints
    rate_of: Ints
    exact: Mapping[int, Ratio] = MappingProxyType({})
    """Closes that are no integer, by their place among the closes."""


class Products(NamedTuple):
    """Products as integers of 1e-8; 0 where ``known`` is not, and in ``large`` those beyond 64 bits."""

    value: Ints
    known: npt.NDArray[np.bool_]
    large: dict[int, int]


def products(factors: Factors) -> Products:
    """Return ``(n,)`` units x close x rate, each rounded once, half-even."""
    count = len(factors.unit_of)
    value, known = np.empty(count, dtype=np.int64), np.empty(count, dtype=bool)
    parts = [slice(first, first + _AT_ONCE) for first in range(0, count, _AT_ONCE)]
    round_ = _rounding(factors, np.float64)
    unsure = [np.zeros(0, dtype=np.int64)]
    for part in parts:
        value[part], known[part], places = round_(_at(factors, part))
        unsure.append(places + part.start)
    doubtful = np.concatenate(unsure)
    if len(doubtful):
        few = _only(factors, doubtful)
        value[doubtful], _, still = _rounding(few, np.longdouble)(_at(few, slice(None)))
        doubtful = doubtful[still]
    if factors.exact:
        between = np.isin(factors.close_of, list(factors.exact)) & known
        doubtful = np.union1d(doubtful, np.flatnonzero(between))
    large: dict[int, int] = {}
    for at in doubtful.tolist():
        exact = _exact(factors, at)
        if abs(exact) < _LARGEST:
            value[at] = exact
        else:
            large[at] = exact
    return Products(value, known, large)


class _Places(NamedTuple):
    """Which unit, close and rate some of the products have."""

    unit_of: Ints
    close_of: Ints
    rate_of: Ints


def _at(factors: Factors, rows: Ints | slice) -> _Places:
    return _Places(factors.unit_of[rows], factors.close_of[rows], factors.rate_of[rows])


def _only(factors: Factors, rows: Ints) -> Factors:
    """Return the factors of some products, with their own units: there may be many others."""
    units = [factors.units[at] for at in factors.unit_of[rows].tolist()]
    places = _at(factors, rows)
    return factors._replace(units=units, unit_of=np.arange(len(rows)), close_of=places.close_of, rate_of=places.rate_of)


_Rounded = tuple[Ints, npt.NDArray[np.bool_], Ints]


def _rounding(factors: Factors, kind: _Floating) -> Callable[[_Places], _Rounded]:
    """Return what rounds some of the products: their values, which are known, and where floats of a kind can't tell."""
    units = np.array(factors.units, dtype=kind) / np.array(ONE_UNIT, dtype=kind)
    rates = factors.rates.floats(kind)
    closes = factors.closes if len(factors.closes) else np.zeros(1, dtype=np.int64)

    def rounded(places: _Places) -> _Rounded:
        near: npt.NDArray[Any] = units[places.unit_of]
        near *= closes[places.close_of]
        near *= rates[places.rate_of]
        known = (places.close_of >= 0) & ~np.isnan(near)
        if not known.all():
            near[~known] = 0.0
        whole = np.rint(near)
        # Eight roundings by half of an epsilon each: of the rate, its terms and its quotient, of the units and theirs,
        # of the close and of the two products.
        bound = np.abs(near)
        too_large = bound >= _LARGEST
        if too_large.any():
            near[too_large] = whole[too_large] = bound[too_large] = 0.0
        bound *= 5 * np.finfo(kind).eps
        near -= whole
        bound += np.abs(near, out=near)
        doubtful = np.flatnonzero((bound >= 0.5) | too_large)  # noqa: PLR2004 - a half
        whole[doubtful] = 0.0
        return whole.astype(np.int64), known, doubtful

    return rounded


def _exact(factors: Factors, at: int) -> int:
    rate = factors.rates.at(int(factors.rate_of[at]))
    if rate is None:
        message = "a product without a rate is not known, so that there is nothing to compute again"
        raise ValueError(message)
    place = int(factors.close_of[at])
    close = factors.exact.get(place) or Ratio(int(factors.closes[place]), 1)
    return worth_in(factors.units[factors.unit_of[at]], close, rate)
