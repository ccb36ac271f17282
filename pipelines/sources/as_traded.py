"""From a provider's restated floats to the decimals that were traded and declared.

Belongs here: undoing splits, and the shortest decimal that a rounded float stands for. Does not: any provider's format.

A provider that restates history divides every old price by the splits since, rounds to six places and stores
single-precision floats. Times the splits again gives 549.029964 where 549.03 was traded. The decimal with the fewest
places that the float can stand for is the one that was traded.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.schema.types import PRICE

Floats = npt.NDArray[np.float64]

_PLACES = 8
_HALF_OF_SIX_PLACES = 0.5e-6
_LARGEST = 9e10
"""Times 10⁸ it still fits 64 bits."""


class OutOfRangeError(ValueError):
    """A price is larger than any price can be stored."""

    def __init__(self, price: float) -> None:
        super().__init__(f"a price of {price:g}")
        self.price = price


def restating_factors(
    days: Sequence[date], splits: Iterable[tuple[date, Fraction]], *, same_day: bool = False
) -> Floats:
    """Return by how much each day's values were divided since: the product of the later splits.

    Args:
        days: ``(n)`` days, in any order.
        splits: Ex-date and ratio (new units for an old one), in any order.
        same_day: Whether a split also restates the values of its own ex-date. It does for a dividend, which is due on
            the units of the day before, and not for a price.

    Returns:
        ``(n)`` factors; 1.0 exactly where no split is later.
    """
    ordered = sorted(splits)
    products = [Fraction(1)]
    for _, ratio in reversed(ordered):
        products.append(products[-1] * ratio)
    suffixes = np.array([float(product) for product in reversed(products)])
    ex_dates = np.array([day.toordinal() for day, _ in ordered], dtype=np.int64)
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    factors: Floats = suffixes[np.searchsorted(ex_dates, ordinals, side="left" if same_day else "right")]
    return factors


def as_traded(restated: Floats, factors: Floats, *, per_unit: int = 1) -> pl.Series:
    """Return prices as traded, or dividends as declared.

    Args:
        restated: ``(n)`` values as the provider has them, NaN where it has none.
        factors: ``(n)``, from `restating_factors`.
        per_unit: How many of the quoted unit make one of the currency: 100 for pence.

    Returns:
        ``(n)`` of Decimal(20, 8), null for NaN.
    """
    slack = np.where(factors == 1.0, _slack_as_stated(restated), restated_slack(restated))
    return _shortest(restated * factors, slack * factors, per_unit=per_unit)


def traded_volumes(restated: Floats, factors: Floats) -> pl.Series:
    """Return ``(n)`` Int64 volumes in the units of their own day, null for NaN."""
    missing = np.isnan(restated)
    units = np.rint(np.where(missing, 0.0, restated) / factors).astype(np.int64)
    return _with_nulls(pl.Series(units, dtype=pl.Int64), missing)


def exact(stated: float, *, per_unit: int = 1) -> Decimal:
    """Return the shortest decimal that one float stands for, in the major unit."""
    value: Decimal = as_traded(np.array([stated]), np.ones(1), per_unit=per_unit)[0]
    return value


def restated_slack(values: Floats) -> Floats:
    """Return how far a restated value can be off: rounded to six places first, then to single precision."""
    slack: Floats = np.spacing(np.abs(values).astype(np.float32)).astype(np.float64) + _HALF_OF_SIX_PLACES
    return slack


def _slack_as_stated(values: Floats) -> Floats:
    """Return how far a value that was never restated can be from what it stands for.

    Half a step of single precision where it is a single-precision number, else one step of double precision: it was
    stated as a decimal then.
    """
    single = values.astype(np.float32)
    step = np.spacing(np.abs(values))
    is_single = np.abs(single.astype(np.float64) - values) <= 2 * step
    slack: Floats = np.where(is_single, np.spacing(np.abs(single)).astype(np.float64) / 2, step)
    return slack


def _shortest(values: Floats, slack: Floats, *, per_unit: int) -> pl.Series:
    """Return for each value the decimal of fewest places within its slack, divided by ``per_unit`` (1 or 100)."""
    minor_places = {1: 0, 100: 2}[per_unit]
    missing = np.isnan(values)
    known, within = np.where(missing, 0.0, values), np.where(missing, 0.0, slack)
    largest = np.abs(known).max(initial=0.0)
    if largest > _LARGEST:
        raise OutOfRangeError(float(largest))
    unscaled = np.zeros(len(values), dtype=np.int64)
    open_ = np.ones(len(values), dtype=bool)
    last = _PLACES - minor_places
    for places in range(last + 1):
        rounded = np.rint(known * 10.0**places)
        fits = open_ & ((np.abs(rounded / 10.0**places - known) <= within) | (places == last))
        unscaled[fits] = rounded[fits].astype(np.int64) * 10 ** (last - places)
        open_ &= ~fits
    return _with_nulls(_scaled(unscaled), missing)


def _scaled(unscaled: npt.NDArray[np.int64]) -> pl.Series:
    whole = pl.Series(unscaled, dtype=pl.Int64).cast(pl.Decimal(20, 0))
    return pl.select(whole.cast(pl.Decimal(38, 0)) * pl.lit(Decimal("1E-8"), dtype=PRICE)).to_series().cast(PRICE)


def _with_nulls(series: pl.Series, missing: npt.NDArray[np.bool_]) -> pl.Series:
    return series.set(pl.Series(missing), None)
