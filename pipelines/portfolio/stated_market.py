"""The market as one owner states it: what they say of an instrument goes before what providers say.

Belongs here: laying what is stated over what is published. Does not: storing it (`warehouse.ledger`), figures.
"""

import datetime as dt
from dataclasses import replace

import polars as pl

from pipelines.portfolio.frames import MarketFrames


def stated_market(
    market: MarketFrames, overrides: pl.DataFrame, prices: pl.DataFrame, transactions: pl.DataFrame
) -> MarketFrames:
    """Return a market with an owner's own words in it.

    Args:
        market: As published.
        overrides: ``symbol_overrides`` without ``portfolio_id``; what is null is left to the master.
        prices: ``manual_prices`` without ``portfolio_id``; each takes the place of the published close of its day.
        transactions: The ledger's; the currency of an instrument that neither market nor price knows is theirs.
    """
    if not prices.is_empty():
        own = prices.select("symbol", "date", "close", "currency")
        others = market.prices.join(own, on=["symbol", "date"], how="anti", maintain_order="left")
        market = replace(market, prices=pl.concat([others, own.cast(others.schema)]).sort("symbol", "date"))
    if not overrides.is_empty():
        market = replace(market, symbols=_described(market, overrides, transactions))
    return market


def last_stated(prices: pl.DataFrame, as_of: dt.date) -> dict[str, dt.date]:
    """Return the day of the last stated close of each symbol until a day."""
    if prices.is_empty():
        return {}
    last = prices.filter(pl.col("date") <= as_of).group_by("symbol").agg(pl.col("date").max()).sort("symbol")
    return dict(last.iter_rows())


def _described(market: MarketFrames, overrides: pl.DataFrame, transactions: pl.DataFrame) -> pl.DataFrame:
    """Return the master with what is said of its symbols, and a row for each symbol that it lacks."""
    said = [name for name in overrides.columns if name != "symbol"]
    master = pl.concat([market.symbols, _lacking(market, overrides, transactions)], how="diagonal")
    joined = master.join(overrides, on="symbol", how="left", suffix="_said", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"{name}_said", name).alias(name) for name in said).select(master.columns)


def _lacking(market: MarketFrames, overrides: pl.DataFrame, transactions: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol, currency`` of what the master lacks; what has no currency anywhere has no row."""
    named = pl.concat([market.prices.select("symbol", "currency"), transactions.select("symbol", "currency")])
    currencies = named.drop_nulls().unique("symbol", keep="first", maintain_order=True)
    lacking = overrides.select("symbol").join(market.symbols, on="symbol", how="anti")
    return lacking.join(currencies, on="symbol", how="inner").select("symbol", "currency")
