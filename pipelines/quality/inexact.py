"""Splits whose ratio is not known: their provider tells one number to four places, and several ratios are told so.

Belongs here: the finding `split_inexact`, of such a split and of what is in its units; which stored split such a number
stands for. Does not: which ratio a number stands for where one alone is told so (the provider's own reading), whether a
split is believed (`screens`).

1:149, 1:150 and 1:151 are all told as 0.0067, and 1,000 units would become 6.7. So such a split is never taken, nor is
a price of its ex-date or later, until somebody says the ratio: units and price are both those of before.
"""

import math
from dataclasses import replace

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens import Fetched
from pipelines.quality.screens.shape import figure, found, text
from warehouse.schema import market
from warehouse.schema.model import Table

SPLIT_INEXACT = "split_inexact"

_TELLING_FACTORS = ("alphavantage",)
"""Providers that tell one number; the ratios that they are sure of are in whole numbers."""
_LAST_PLACE = 1e-4
_MISDATED_DAYS = 14
"""Providers differ by some days; no company splits twice by one ratio in two weeks."""
_SPIN_OFF = math.log(1.15)
"""Smaller ones are nearly all spin-offs, which change nobody's units: their prices need not wait."""

_KEY = ["symbol", "ex_date"]
_RATIO = ["ratio_new", "ratio_old"]


def as_known(splits: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return fetched splits, those of an unknown ratio as the known split of about their day that they may be.

    What may be a person's own adds nothing to that, and is left out; so is what is told of the same day.

    Args:
        splits: Rows of providers.
        known: Splits that are stored, and a person's of this fetch.
    """
    unknown = splits.filter(_unknown())
    if unknown.is_empty() or known.is_empty():
        return splits
    renamed = known.select("symbol", *(pl.col(name).alias(f"{name}_known") for name in ("ex_date", *_RATIO, "source")))
    pairs = unknown.join(renamed, on="symbol")
    days = (pl.col("ex_date") - pl.col("ex_date_known")).dt.total_days().abs()
    off = (_ratio() - _ratio("_known")).abs()
    same = (off < _LAST_PLACE) & (days <= _MISDATED_DAYS)
    stated = (pl.col("source_known") == market.OWN_FILES) & (days == 0)
    meant = pairs.filter(same | stated).sort(days, maintain_order=True)
    read = meant.unique(_KEY, keep="first", maintain_order=True).with_columns(
        pl.col(f"{name}_known").alias(name) for name in _RATIO
    )
    others = splits.join(read, on=[*_KEY, "source"], how="anti", maintain_order="left")
    read = (
        read.filter(pl.col("source_known") != market.OWN_FILES)
        .with_columns(ex_date="ex_date_known")
        .select(splits.columns)
    )
    return pl.concat([others, read]).unique([*_KEY, "source"], keep="first", maintain_order=True)


def sure(fetched: Fetched) -> Fetched:
    """Return a fetch without the splits whose ratio is not known, and without the prices in their units."""
    unknown = fetched.splits.filter(_unknown())
    if unknown.is_empty():
        return fetched
    return replace(
        fetched,
        splits=fetched.splits.filter(~_unknown()),
        prices=_less(fetched.prices, unknown),
        quotes=_less(fetched.quotes, unknown),
    )


def inexact(fetched: Fetched) -> pl.DataFrame:
    """Return findings, schema ``FINDINGS``, on the splits whose ratio is not known, and on prices in their units.

    Those on current prices (``quotes`` of the fetch) are on the master.
    """
    unknown = fetched.splits.filter(_unknown())
    if unknown.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    closes, quotes = (_since(frame, unknown) for frame in (fetched.prices, fetched.quotes))
    return pl.concat(
        [
            found(
                unknown,
                market.SPLIT_HISTORY,
                SPLIT_INEXACT,
                column="ratio_new",
                value=figure(_ratio()),
                reason=pl.format(
                    "{} tells {} new for one: more than one ratio is told so, or none that is simple; its own is"
                    " wanted in the inbox (splits….csv)",
                    "source",
                    figure(_ratio()),
                ),
            ),
            _in_new_units(closes, market.PRICE_HISTORY, "close"),
            _in_new_units(quotes, market.SYMBOLS, "last_price"),
        ]
    )


def _in_new_units(rows: pl.DataFrame, table: Table, column: str) -> pl.DataFrame:
    return found(
        rows,
        table,
        SPLIT_INEXACT,
        column=column,
        value=pl.col("close"),
        reason=pl.format(
            "price {} since the split of {}, {} new for one, whose own ratio is not known: it waits with it",
            text(pl.col("close")),
            "ex_date",
            figure(_ratio()),
        ),
    )


def _since(prices: pl.DataFrame, unknown: pl.DataFrame) -> pl.DataFrame:
    """Return the prices of a day from that of an unknown split on, each with the last such split."""
    if prices.is_empty():
        return prices
    large = unknown.filter(_ratio().log().abs() > _SPIN_OFF).select(*_KEY, *_RATIO, "source").sort("ex_date")
    both = prices.join(large, on=["symbol", "source"], maintain_order="left")
    return both.filter(pl.col("date") >= pl.col("ex_date")).unique(
        ["symbol", "date", "source"], keep="last", maintain_order=True
    )


def _less(prices: pl.DataFrame, unknown: pl.DataFrame) -> pl.DataFrame:
    if prices.is_empty():
        return prices
    return prices.join(_since(prices, unknown), on=["symbol", "date", "source"], how="anti", maintain_order="left")


def _unknown() -> pl.Expr:
    in_decimals = pl.col("ratio_new").cast(pl.Float64) % 1 != 0
    return pl.col("source").is_in(_TELLING_FACTORS) & in_decimals & (pl.col("ratio_old") == 1)


def _ratio(end: str = "") -> pl.Expr:
    return pl.col(f"ratio_new{end}").cast(pl.Float64) / pl.col(f"ratio_old{end}").cast(pl.Float64)
