"""Stored splits that never had a close before them that was in their units, and that their provider tells no more.

Belongs here: taking such a split back. Does not: splits that stored closes speak for or against (`screens.splits`),
closes that are told with their split (`screens.stretches`).

The first fetch of a symbol may tell a split that its own closes contradict: those before are as if it had been undone
twice, or as if it never was. They wait, and the split counts, for prices cannot say which. Once the provider tells the
days before and since without a step, and no split between them, nothing is left that speaks for it.
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.shape import figure, found
from pipelines.quality.screens.splits import WITHDRAWN
from pipelines.quality.screens.stretches import NOT_UNDONE
from pipelines.quality.screens.told_splits import OFF, SMALLEST, STEP_WITHIN_DAYS
from warehouse.schema import market

_KEY = ["symbol", "ex_date"]
_REACH = pl.duration(days=STEP_WITHIN_DAYS)


def unsupported(fetched: Fetched, known: Known, open_rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``FINDINGS`` of the stored splits that nothing speaks for any more.

    Args:
        fetched: What providers tell, conformed.
        known: What is stored.
        open_rows: Rows of `quarantine` that nothing has resolved yet.
    """
    doubted = _doubted(known, open_rows)
    if doubted.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    untold = doubted.join(fetched.splits, on=_KEY, how="anti")
    closes = fetched.prices.filter(pl.col("close") > 0).select(
        "symbol", "source", "date", close=pl.col("close").cast(pl.Float64)
    )
    told = untold.join(closes, on=["symbol", "source"]).sort(*_KEY, "date")
    is_before = pl.col("date") < pl.col("ex_date")
    step = pl.col("before") / pl.col("since")
    small = pl.min_horizontal(pl.lit(OFF), 0.5 * pl.col("ratio").log().abs())
    beside = (
        told.filter((pl.col("date") - pl.col("ex_date")).abs() <= _REACH)
        .group_by(*_KEY, "source", "ratio", maintain_order=True)
        .agg(before=pl.col("close").filter(is_before).last(), since=pl.col("close").filter(~is_before).first())
        .filter(step.log().abs() <= small)
    )
    return found(
        beside,
        market.SPLIT_HISTORY,
        WITHDRAWN,
        column="ratio_new",
        value=figure(pl.col("ratio")),
        reason=pl.format(
            "taken back: {} tells its days before and since without a step, and no {} new for one any more, and no "
            "close before it was ever in its units",
            pl.col("source"),
            figure(pl.col("ratio")),
        ),
    )


def _doubted(known: Known, open_rows: pl.DataFrame) -> pl.DataFrame:
    """Return the providers' stored splits whose closes before were held back as told with them, and none is stored."""
    against = open_rows.filter(table_name=market.PRICE_HISTORY.name, rule=NOT_UNDONE).select(symbol="about", day="date")
    if against.is_empty() or known.splits.is_empty():
        return pl.DataFrame(schema={**dict.fromkeys(("symbol", "source"), pl.String), "ex_date": pl.Date})
    near = (pl.col("day") < pl.col("ex_date")) & (pl.col("ex_date") - pl.col("day") <= _REACH)
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    splits = known.splits.filter(pl.col("source") != market.OWN_FILES).select(*_KEY, "source", ratio=ratio)
    splits = splits.filter(pl.col("ratio").log().abs() > SMALLEST)
    stored = known.prices.select("symbol", day="date")
    believed, waiting = (
        splits.join(days, on="symbol").filter(near).select(_KEY).unique() for days in (stored, against)
    )
    return splits.join(waiting, on=_KEY, how="semi").join(believed, on=_KEY, how="anti")
