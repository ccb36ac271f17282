"""Exact parts of whole columns of amounts: what a slice of a lot costs, what a slice of a sale brings.

Belongs here: `exact.pro_rata` for arrays. Does not: meaning.

A lot's cost and a sale's proceeds are divided alike: a slice is a stretch of units, and what falls on it is the share
of its end less the share of its start. So thirds do not drift, and the last slice takes the remainder.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.exact import pro_rata

Column = npt.NDArray[Any]
"""Whole numbers: int64, or Python's own where one of them does not fit."""
_LARGEST = 2.0**124  # of a product: twice it, a half more and the error of a float fit in 127 bits


class Stretch(NamedTuple):
    """``(n,)`` units each, from ``start`` to ``end`` of ``whole``; 0 <= start <= end <= whole, and whole above zero."""

    start: Column
    end: Column
    whole: Column


def column(values: Sequence[int]) -> Column:
    """Return whole numbers of any size as an array."""
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        return np.array(values, dtype=np.object_)


def parts(amounts: pl.Series, of: Stretch) -> pl.Series:
    """Return ``(n,)`` what of each amount falls on its stretch, Int128."""
    return _shares(amounts, of.end, of.whole) - _shares(amounts, of.start, of.whole)


def _shares(amounts: pl.Series, part: Column, whole: Column) -> pl.Series:
    """Return ``(n,)`` amount x part / whole, each rounded half-even, Int128."""
    if np.object_ in (part.dtype, whole.dtype):
        return _one_by_one(amounts, part, whole)
    frame = pl.DataFrame({"amount": amounts.cast(pl.Int128), "part": part, "whole": whole})
    product = pl.col("amount").cast(pl.Float64).abs() * pl.col("part").cast(pl.Float64)
    too_large = frame.select((product > _LARGEST).arg_true()).to_series()
    if too_large.is_empty():
        return _in_128_bits(frame)
    large = frame[too_large]
    exact = _one_by_one(large["amount"], large["part"].to_numpy(), large["whole"].to_numpy())
    frame = frame.with_columns(pl.when(product <= _LARGEST).then("part").otherwise(0).alias("part"))
    return _in_128_bits(frame).scatter(too_large, exact)


def _in_128_bits(frame: pl.DataFrame) -> pl.Series:
    """Return the quotients: the floor of what is half a unit more, and of two equally near the even one."""
    amount, part, whole = (pl.col(name).cast(pl.Int128) for name in ("amount", "part", "whole"))
    quotient, even = pl.col("quotient"), pl.col("quotient") // 2 * 2
    is_half = quotient * pl.col("twice") == pl.col("more")
    return (
        frame.select(more=2 * amount * part + whole, twice=2 * whole)
        .with_columns(quotient=pl.col("more") // pl.col("twice"))
        .select(pl.when(is_half).then(even).otherwise(quotient))
        .to_series()
    )


def _one_by_one(amounts: pl.Series, part: Column, whole: Column) -> pl.Series:
    rows = zip(amounts.to_list(), part.tolist(), whole.tolist(), strict=True)
    return pl.Series([pro_rata(*row) for row in rows], dtype=pl.Int128)
