"""Dividends and splits that are told with closes of another instrument, or in units that nobody tells.

Belongs here: what such a series tells beside its closes. Does not: its closes (`retold`, `stretches`, `restated`).

A provider that tells the last days otherwise than it told them before speaks of something else, or counts otherwise:
its closes wait, and so does all that came with them. A split that explains how far its closes are off is another thing:
it is told before they are divided, or after.
A dividend is told in the units of the close before it: where that one is not divided for a split, or is divided for one
that nobody tells, the dividend is in the same wrong units, until both heal.
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.redivided import LAG
from pipelines.quality.screens.restated import ONE_RATIO, OTHER_UNITS
from pipelines.quality.screens.retold import ANOTHER, contradicted
from pipelines.quality.screens.shape import Fetched, Known, figure, found, percent, text
from pipelines.quality.screens.stretches import NOT_UNDONE, UNTOLD_SPLIT
from warehouse.schema import market

_SERIES = ["symbol", "source"]
_OF_UNITS = (OTHER_UNITS, NOT_UNDONE, UNTOLD_SPLIT)
"""Rules of closes that are in the units of a split's other side."""
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


def screen_paid(fetched: Fetched, closes: pl.DataFrame) -> pl.DataFrame:
    """Return the dividends whose close before, as it is told with them, is in other units.

    Args:
        fetched: The fetch, conformed.
        closes: What is found of its prices.
    """
    off = closes.filter("held", pl.col("rule").is_in(_OF_UNITS))
    if off.is_empty() or fetched.dividends.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    of_days = off.select("rule", "reason", symbol="about", before="date").unique(["symbol", "before"])
    days = fetched.prices.select(*_SERIES, before="date").sort("before")
    paid = fetched.dividends.join(days.group_by(_SERIES).agg(first=pl.col("before").min()), on=_SERIES)
    beside = paid.sort("ex_date").join_asof(
        days, left_on="ex_date", right_on="before", by=_SERIES, allow_exact_matches=False, check_sortedness=False
    )
    # What was paid before all closes that are told is in the units of the first.
    rows = beside.with_columns(pl.col("before").fill_null(pl.col("first"))).join(of_days, on=["symbol", "before"])
    both = pl.concat([rows, _around_a_step(fetched, off)], how="diagonal")
    return found(
        both.unique([*_SERIES, "ex_date", "kind"], keep="first", maintain_order=True).sort("symbol", "ex_date"),
        market.DIVIDEND_HISTORY,
        pl.col("rule"),
        column="amount",
        value=pl.col("amount"),
        reason=pl.format("{} beside a close in other units: {}", _PAID, pl.col("reason")),
    )


def _around_a_step(fetched: Fetched, off: pl.DataFrame) -> pl.DataFrame:
    """Return the dividends until a step of the last days that is like a split which nobody tells yet.

    Whether the provider has divided them for it already, nothing says.
    """
    held = off.filter(pl.col("rule") == UNTOLD_SPLIT).select("rule", "reason", symbol="about", date="date")
    days = held.join(fetched.prices.select(*_SERIES, "date"), on=["symbol", "date"])
    first = days.group_by(_SERIES).agg(pl.col("rule", "reason").first(), step=pl.col("date").min())
    last = fetched.prices.group_by(_SERIES).agg(last=pl.col("date").max())
    news = first.join(last, on=_SERIES).filter(pl.col("step") > pl.col("last") - LAG)
    return fetched.dividends.join(news, on=_SERIES).filter(pl.col("ex_date") <= pl.col("step"))


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
