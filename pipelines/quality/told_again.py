"""Corrections that waited until they were told again.

Belongs here: when a far correction of a stored close has been said often enough. Does not: which corrections are far
(`screens.retold`), what a person has accepted (`pipelines.releases`).

A provider's bad day says a false close as often as it is asked, so that only another day's word counts, or another
provider's.
"""

import datetime as dt

import polars as pl

from pipelines.quality.held import PLACES, restored
from pipelines.quality.screens.providers import DISAGREE, DISAGREEMENT
from pipelines.quality.screens.retold import FAR_CORRECTION, SAME
from warehouse.schema import market

LATER = dt.timedelta(hours=20)
"""A night comes a day after the one before, give or take some hours; asked twice in one night is asked once."""

_PRICES = next(place for place in PLACES if place.table is market.PRICE_HISTORY)
_SAME = ["symbol", "date", "currency"]


def unless_told_again(
    found: pl.DataFrame, prices: pl.DataFrame, open_rows: pl.DataFrame, *, now: dt.datetime
) -> pl.DataFrame:
    """Turn what is found of corrections that were told before into remarks: they waited, and were told again.

    Of a day that two providers tell, both must.

    Args:
        found: ``FINDINGS``.
        prices: The rows of providers.
        open_rows: Rows of `quarantine` that nothing has resolved yet.
        now: When it is judged.
    """
    rules = [FAR_CORRECTION, DISAGREEMENT]
    if not found["rule"].is_in(rules).any():
        return found
    confirmed = _confirmed(prices, open_rows, now)
    others = prices.join(confirmed, on=["symbol", "date", "source"], how="anti")
    days = confirmed.join(others, on=["symbol", "date"], how="anti").select(about="symbol", date="date").unique()
    days = days.with_columns(table_name=pl.lit(market.PRICE_HISTORY.name), again=pl.lit(value=True))
    marked = found.join(days, on=["table_name", "about", "date"], how="left", maintain_order="left")
    again = pl.col("again").is_not_null() & pl.col("rule").is_in(rules)
    return marked.with_columns(pl.col("held") & ~again).drop("again")


def _confirmed(prices: pl.DataFrame, open_rows: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Return ``symbol, date, source`` of the prices that say what waits already.

    The same row of the quarantine may have waited long ago, or with another close, which its first day does not say:
    so it must have been told so on another day by the clock, too.
    """
    waiting = open_rows.filter(pl.col("rule") == FAR_CORRECTION)
    seen = waiting.select("first_seen_at", "last_seen_at", symbol="about", date="date")
    before = restored(waiting, _PRICES).select("symbol", "date", "currency", waits="close", told_by="source")
    pairs = prices.filter(pl.col("close") > 0).join(before.join(seen, on=["symbol", "date"]), on=_SAME)
    apart = (pl.col("close").cast(pl.Float64) / pl.col("waits").cast(pl.Float64)).log().abs()
    its_own = pl.col("source") == pl.col("told_by")
    later = (pl.col("first_seen_at") <= now - LATER) & (pl.col("last_seen_at").dt.date() < now.date())
    said = pl.when(its_own).then(later & (apart <= SAME)).otherwise(apart <= DISAGREE)
    return pairs.filter(said).select("symbol", "date", "source").unique()
