"""Bars in which one price is in another unit than the others.

Belongs here: an open, high or low that is 100 times the close of its bar, or a hundredth. Does not: whole bars and
closes (`stretches`): which of them is right, their neighbours say.
"""

import polars as pl

from pipelines.quality.screens.breaks import HUNDRED, HUNDRED_WITHIN, LEAST_MOVE
from pipelines.quality.screens.shape import figure, found, text
from warehouse.schema import market

_OTHERS = ("open", "high", "low")


def screen_bars(prices: pl.DataFrame) -> pl.DataFrame:
    """Return fetched bars of which an open, high or low is about 100 times the close, or a hundredth of it."""
    return pl.concat([_mixed(prices, name) for name in _OTHERS])


def _mixed(prices: pl.DataFrame, name: str) -> pl.DataFrame:
    price, close = pl.col(name).cast(pl.Float64), pl.col("close").cast(pl.Float64)
    size = (price / close).log()
    mixed = prices.filter(
        price > 0, close > 0, (size.abs() - HUNDRED).abs() <= HUNDRED_WITHIN, (price - close).abs() >= LEAST_MOVE
    )
    return found(
        mixed,
        market.PRICE_HISTORY,
        "hundredfold",
        column=name,
        value=pl.col(name),
        expected=(price / (HUNDRED * size.sign()).exp()).round_sig_figs(6),
        reason=pl.format(
            "{} {} is {} times the close of {} in one bar, as between pence and pounds",
            pl.lit(name),
            text(pl.col(name)),
            figure(price / close),
            text(pl.col("close")),
        ),
    )
