"""Prices of an instrument whose currency changed, as those of Croatia did with the euro.

Belongs here: restating the closes before in the last currency, at the rate of their own day. Does not: which price
counts on a day (`prices`).
"""

from collections.abc import Mapping

import polars as pl

from pipelines.portfolio.exact import decimal_series, integers, scaled
from pipelines.portfolio.fx import FxBook
from warehouse.schema.types import PRICE


def in_last_currency(prices: pl.DataFrame, last: Mapping[str, str], fx: FxBook) -> pl.DataFrame:
    """Return ``PRICE_SCHEMA`` rows with every close in the symbol's last currency; those without a rate are left out.

    Args:
        prices: Rows of any symbols.
        last: The currency of the last price of each symbol that has had others.
        fx: Rates.
    """
    of_symbol = pl.col("symbol").replace_strict(last, default=None, return_dtype=pl.String)
    earlier = of_symbol.is_not_null() & (pl.col("currency") != of_symbol)
    groups = prices.filter(earlier).partition_by("symbol", "currency", as_dict=True)
    restated = [_restated(rows, last[str(key[0])], fx) for key, rows in groups.items()]
    return pl.concat([prices.filter(~earlier), *restated]).sort("symbol", "date")


def _restated(rows: pl.DataFrame, currency: str, fx: FxBook) -> pl.DataFrame:
    days = rows["date"].to_physical().cast(pl.Int64).to_numpy()
    ratios = fx.ratios(rows["currency"][0], currency, days).to_list()
    closes = [
        None if close is None or ratio is None else scaled(close, ratio)
        for close, ratio in zip(integers(rows["close"]), ratios, strict=True)
    ]
    return rows.with_columns(close=decimal_series(closes, PRICE), currency=pl.lit(currency)).drop_nulls("close")
