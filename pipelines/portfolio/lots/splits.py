"""Splits without fractions: units of a group counted so finely that they stay whole through all of its splits.

Belongs here: reading splits, the scale of each stretch between them. Does not: lots.

A split multiplies the units of every open lot. Turned round, it changes what one unit of the lots is to the trades
after it: lots stay untouched, and the units of each trade are multiplied by a whole number, its *quantum*, that depends
on the splits before it. What a quantity's last decimal (1e-10) is to the trade is one quantum to the lots.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

import polars as pl

from pipelines.portfolio.checked import conformed, refuse
from pipelines.portfolio.exact import integers
from pipelines.portfolio.frames import SPLIT_SCHEMA


class Split(NamedTuple):
    """New units for old ones, from before the trades of a day on."""

    date: dt.date
    new: int
    old: int


def splits_by_symbol(splits: pl.DataFrame | None) -> dict[str, list[Split]]:
    """Return each symbol's splits in the order of their days.

    Raises:
        FrameError: If a column is missing or a ratio is not above zero.
    """
    if splits is None:
        return {}
    frame = conformed(splits, SPLIT_SCHEMA, name="splits").with_row_index("row", 1)
    for name in ("ratio_new", "ratio_old"):
        refuse(frame, name, pl.col(name) <= 0, "more than zero", name="splits")
    frame = frame.sort("ex_date", "row")
    found: dict[str, list[Split]] = defaultdict(list)
    ratios = zip(integers(frame["ratio_new"]), integers(frame["ratio_old"]), strict=True)
    for symbol, day, (new, old) in zip(frame["symbol"], frame["ex_date"], ratios, strict=True):
        found[symbol].append(Split(day, new or 0, old or 0))
    return found


def quanta(splits: Sequence[Split]) -> list[int]:
    """Return the quantum before, between and after splits, in their order: one more than there are splits.

    >>> quanta([Split(dt.date(2020, 1, 1), 2, 1), Split(dt.date(2020, 2, 1), 1, 3)])
    [2, 1, 3]
    """
    grown = [Fraction(1)]
    for split in splits:
        grown.append(grown[-1] * Fraction(split.new, split.old))
    finest = lcm(*(ratio.numerator for ratio in grown))
    sizes = [finest // ratio.numerator * ratio.denominator for ratio in grown]
    common = gcd(*sizes)
    return [size // common for size in sizes]
