"""What was matched, as the frames that `match_lots` returns.

Belongs here: names, dates, terms, types and order of rows. Does not: any sum but a gain.
"""

import polars as pl

from pipelines.portfolio.exact import decimal_series
from warehouse.schema.types import MONEY, QUANTITY


def realized_frame(labels: pl.DataFrame, slices: pl.DataFrame) -> pl.DataFrame:
    """Return ``realized`` of `match_lots`.

    Args:
        labels: What trades are called (`trades.Trades`).
        slices: What sales took (`batch.Matched`).
    """
    of_sales = labels.select("account", "symbol", sell_id="transaction_id", sold_on="date")[slices["sale"]]
    of_buys = labels.select("lot_id", buy_id="transaction_id", bought_on="date")[slices["buy"]]
    frame = pl.concat([of_sales, of_buys], how="horizontal").with_columns(
        quantity=decimal_series(slices["quantity"], QUANTITY),
        cost=decimal_series(slices["cost"], MONEY),
        cost_excluding_fees_and_taxes=decimal_series(slices["cost_excluding"], MONEY),
        proceeds=decimal_series(slices["net"], MONEY),
        gross=decimal_series(slices["gross"], MONEY),
    )
    is_long = pl.col("sold_on") > _anniversary(pl.col("bought_on"))
    return _by_account(frame).select(
        "account",
        "symbol",
        "buy_id",
        "sell_id",
        "lot_id",
        "bought_on",
        "sold_on",
        "quantity",
        "cost",
        "cost_excluding_fees_and_taxes",
        "proceeds",
        gain=(pl.col("proceeds") - pl.col("cost")).cast(MONEY),
        gain_before_fees_taxes=(pl.col("gross") - pl.col("cost_excluding_fees_and_taxes")).cast(MONEY),
        days_held=(pl.col("sold_on") - pl.col("bought_on")).dt.total_days(),
        term=pl.when(is_long).then(pl.lit("long")).otherwise(pl.lit("short")),
    )


def open_frame(labels: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Return ``open`` of `match_lots`.

    Args:
        labels: What trades are called (`trades.Trades`).
        left: What sales have left (`batch.Matched`).
    """
    named = labels.select("account", "symbol", "lot_id", buy_id="transaction_id", bought_on="date")[left["buy"]]
    return _by_account(
        named.select("account", "symbol", "buy_id", "lot_id", "bought_on").with_columns(
            quantity=decimal_series(left["quantity"], QUANTITY),
            cost=decimal_series(left["cost"], MONEY),
            cost_excluding_fees_and_taxes=decimal_series(left["cost_excluding"], MONEY),
        )
    )


def _by_account(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows by account, as they are but for those of AVERAGE, which come by symbol."""
    return frame if frame["account"].is_sorted() else frame.sort("account", maintain_order=True)


def _anniversary(day: pl.Expr) -> pl.Expr:
    """Return the same day a year later; of 29 February 1 March, as `trades.anniversary`."""
    later = day.dt.offset_by("1y")
    return later + pl.when(later.dt.day() != day.dt.day()).then(pl.duration(days=1)).otherwise(pl.duration(days=0))
