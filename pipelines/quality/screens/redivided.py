"""Stored dividends that are told anew by exactly the ratio of a later split.

Belongs here: which way such a dividend is off, and which of the two amounts was declared. Does not: any other amount
that is unlike what is stored (`dividends`), closes (`restated`, `retold`).

A provider divides closes for a split and dividends some days later. Until then, undoing the split makes a dividend too
large: what is stored stays if it is told so, and gives way if it was stored so.
"""

import datetime as dt

import polars as pl

EXACTLY = 0.001
"""How far in logarithms a dividend may be off a split's ratio times what is stored, for providers round what is left
of it."""
LAG = dt.timedelta(days=10)
"""So long after a split's ex-date, a dividend that was stored may not have been divided for it."""

_DIVIDEND = ["symbol", "ex_date", "kind", "source"]


def not_divided(both: pl.DataFrame, splits: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Return the dividends that are told the split's ratio times what is stored, with ``split_date``.

    Args:
        both: Fetched dividends, ``apart`` times what is stored.
        splits: Those that are believed, of `told_splits.told_splits`.
        earlier: What was stored of dividends before they were told anew: it may come back.
    """
    rows = _by_ratio(both, splits, pl.col("apart") / pl.col("ratio"))
    return rows.join(earlier, on=[*_DIVIDEND, "amount", "currency"], how="anti", maintain_order="left")


def right_now(both: pl.DataFrame, splits: pl.DataFrame, *, today: dt.date) -> pl.DataFrame:
    """Return the dividends that were stored in the units of a later split's other side, and are told right now.

    What was stored with the split or soon after may not have been divided for it. What was stored after its ex-date and
    before the split was told may have been divided already: it gives way once its provider has had the time to divide
    what is told now.

    Args:
        both: Fetched dividends, ``apart`` times what is stored, which was at ``stored_at``.
        splits: Those that are believed, of `told_splits.told_splits`.
        today: The clock's day.
    """
    stored_on, untold = pl.col("stored_at").dt.date(), pl.col("stored_at") < pl.col("split_stored_at")
    too_large = _by_ratio(both, splits, pl.col("apart") * pl.col("ratio"))
    too_small = _by_ratio(both, splits, pl.col("apart") / pl.col("ratio"))
    late = pl.col("split_date") + LAG
    return pl.concat(
        [
            too_large.filter(~untold, stored_on <= late),
            too_small.filter(untold, stored_on >= pl.col("split_date"), late < today),
        ]
    )


def _by_ratio(both: pl.DataFrame, splits: pl.DataFrame, rest: pl.Expr) -> pl.DataFrame:
    """Return the dividends with a split of their ex-date or later whose ratio leaves no rest."""
    named = splits.select("symbol", "ratio", split_date="ex_date", split_stored_at="stored_at")
    later = both.join(named, on="symbol").filter(pl.col("split_date") >= pl.col("ex_date"))
    exact = later.filter(rest.log().abs() <= EXACTLY, pl.col("ratio").log().abs() > EXACTLY)
    return exact.unique(_DIVIDEND, keep="first", maintain_order=True)
