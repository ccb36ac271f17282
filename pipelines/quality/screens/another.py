"""Dividends and splits that are told with closes of another instrument, or in units that nobody tells.

Belongs here: what such a series tells beside its closes. Does not: its closes (`retold`, `stretches`, `restated`).

A provider that tells the last days otherwise than it told them before speaks of something else, or counts otherwise:
its closes wait, and so does all that came with them. A split that explains how far its closes are off is another thing:
it is told before they are divided, or after.
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.restated import ONE_RATIO
from pipelines.quality.screens.retold import ANOTHER, contradicted
from pipelines.quality.screens.shape import Fetched, Known, figure, found, percent, text
from warehouse.schema import market

_SERIES = ["symbol", "source"]
_PAID, _SPLIT = text(pl.col("amount")), pl.format("a split of {} for one", figure(pl.col("ratio")))


def screen_another(fetched: Fetched, known: Known, restated: pl.DataFrame) -> pl.DataFrame:
    """Return the dividends and splits of series whose own closes contradict them.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        restated: Of `screen_restated`, which says more of a series and of its dividends.
    """
    if fetched.dividends.is_empty() and fetched.splits.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    series = contradicted(fetched, known).join(restated.select(symbol="about").unique(), on="symbol", how="anti")
    if series.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    paid, split = fetched.dividends.join(series, on=_SERIES), _unexplained(fetched.splits, series)
    return pl.concat(
        [
            found(paid, market.DIVIDEND_HISTORY, ANOTHER, column="amount", value=pl.col("amount"), reason=_why(_PAID)),
            found(split, market.SPLIT_HISTORY, ANOTHER, column="ratio_new", value=pl.col("ratio"), reason=_why(_SPLIT)),
        ]
    )


def _why(said: pl.Expr) -> pl.Expr:
    return pl.format(
        "{}, but its provider tells stored closes anew, by {} to {}: as of another instrument, or in other units",
        said,
        percent(pl.col("least")),
        percent(pl.col("most")),
    )


def _unexplained(splits: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
    """Return the splits by whose ratio the closes that are told with them are not off."""
    told = splits.filter(pl.col("ratio_new") > 0, pl.col("ratio_old") > 0).with_columns(
        ratio=pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    )
    apart = pl.col("off").abs()
    nearest = pl.min_horizontal(apart, (apart - pl.col("ratio").log().abs()).abs())
    off = told.join(series, on=_SERIES).explode("off").with_columns(nearest=nearest)
    return (
        off.group_by([*_SERIES, "ex_date", "ratio"], maintain_order=True)
        .agg(pl.col("least", "most").first(), pl.col("nearest").median())
        .filter(pl.col("nearest") > ONE_RATIO)
    )
