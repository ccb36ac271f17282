"""Days that are stored and now told otherwise, each by another factor.

Belongs here: telling a provider's corrections, which go to the revisions, from another series under the same name:
another instrument that has taken the ticker, a wrong name in `folio rename`, closes of another exchange or adjusted for
dividends. Does not: one ratio of all days (`restated`), steps inside of a series (`stretches`).

A correction is of a day or two. If more of a week is told anew, what is stored stays, for it was as believable when it
came. If the last stored days are told anew by more than any provider corrects, the days to come are of that other
series, too, and none of it gets in.
"""

import math
from dataclasses import replace

import polars as pl

from pipelines.quality.screens.breaks import LEAST_MOVE
from pipelines.quality.screens.providers import DISAGREE, NO_ONE_CLOSE
from pipelines.quality.screens.shape import Fetched, Known, found, percent
from warehouse.schema import market
from warehouse.schema.market import OWN_FILES

RETOLD, ANOTHER = "retold", "another_series"

SAME = 0.001
"""How far in logarithms a close may be off what its own provider said and be the same, rounded otherwise; of another
provider it is as far as these are apart anyway (`DISAGREE`)."""
FEW = 2
"""Corrections of up to so many days of a week are a provider's ordinary business."""
WEEK = 5
OTHER = math.log(1.01)
"""If half of the last week's days are off by more than this, it is no correction: providers of one share differ by
less."""

_SERIES = ["symbol", "source"]


def screen_retold(fetched: Fetched, known: Known, explained: pl.DataFrame) -> pl.DataFrame:
    """Return stored days of which more than a few are told anew, and all days of what has become another series.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        explained: Findings on prices that say what else is wrong with a row; it counts for nothing here.
    """
    others = explained.select(symbol="about", date="date").unique()
    fetched = replace(fetched, prices=fetched.prices.join(others, on=["symbol", "date"], how="anti"))
    again = _again(fetched, known)
    within = pl.col("off").filter(pl.col("differs"))
    said = again.group_by(_SERIES).agg(
        days=pl.len(),
        differing=pl.col("differs").sum(),
        least=within.min().exp() - 1,
        most=within.max().exp() - 1,
        other=_is_another(pl.col("off"), pl.col("differs")),
    )
    stretch = again.filter(_in_retold_week()).join(said, on=_SERIES)
    series = fetched.prices.join(said.filter("other"), on=_SERIES).join(
        again.select(*_SERIES, "date", "stored"), on=[*_SERIES, "date"], how="left", maintain_order="left"
    )
    return pl.concat(
        [
            _found(stretch.filter(~pl.col("other")), RETOLD, "more than a few are no corrections"),
            _found(series, ANOTHER, "as of another instrument"),
        ]
    )


def _again(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return fetched days that are stored, by series and date, with ``stored``, ``off`` and whether it ``differs``."""
    around = known.symbols.filter(pl.col("asset_class").is_in(NO_ONE_CLOSE))["symbol"].to_list()
    stored = known.prices.filter(pl.col("close") > 0, pl.col("source") != OWN_FILES).select(
        "symbol", "date", "currency", stored="close", stored_source="source"
    )
    its_own = pl.col("source") == pl.col("stored_source")
    of_one_hour = ~pl.col("symbol").is_in(around) | its_own
    close, before = pl.col("close").cast(pl.Float64), pl.col("stored").cast(pl.Float64)
    again = (
        fetched.prices.filter(pl.col("close") > 0, pl.col("source") != OWN_FILES)
        .join(stored, on=["symbol", "date", "currency"])
        .filter(of_one_hour)
        .with_columns(off=(close / before).log())
        .with_columns(same=pl.when(its_own).then(SAME).otherwise(DISAGREE))
        .with_columns(differs=(pl.col("off").abs() > pl.col("same")) & ((close - before).abs() > LEAST_MOVE))
    )
    # Most series come as they are stored: only the others are put in order.
    of_others = again.join(again.filter("differs").select(_SERIES).unique(), on=_SERIES, how="semi")
    return of_others.unique([*_SERIES, "date"], keep="last").sort(*_SERIES, "date")


def _is_another(off: pl.Expr, differs: pl.Expr) -> pl.Expr:
    """Return whether the last stored days of a series are told anew as nobody corrects them."""
    week = off.tail(WEEK).abs()
    most = differs.tail(WEEK).sum() >= pl.min_horizontal(pl.len(), FEW + 1)
    return (pl.len() >= FEW) & most & (week.median() > OTHER)


def _in_retold_week() -> pl.Expr:
    """Return whether a day differs, and more than a few of some five successive days with it."""
    differing = pl.col("differs").cast(pl.Int64).rolling_sum(WEEK, min_samples=1)
    crowded = differing.reverse().rolling_max(WEEK, min_samples=1).reverse().over(_SERIES) > FEW
    return pl.col("differs") & crowded


def _found(rows: pl.DataFrame, rule: str, why: str) -> pl.DataFrame:
    return found(
        rows,
        market.PRICE_HISTORY,
        rule,
        column="close",
        value=pl.col("close"),
        expected=pl.col("stored"),
        reason=pl.format(
            "{} of {} stored days are told anew, by {} to {}: {}",
            "differing",
            "days",
            percent(pl.col("least")),
            percent(pl.col("most")),
            pl.lit(why),
        ),
    )
