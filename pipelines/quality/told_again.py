"""Corrections that waited until they were told again.

Belongs here: when a far correction of a stored close or rate has been said often enough. Does not: which corrections
are far (`screens.retold`, `screens.retold_rates`), what a person has accepted (`pipelines.releases`).

A provider's bad day says a false value as often as it is asked, so that only another day's word counts, or another
provider's.
"""

import datetime as dt

import polars as pl

from pipelines.quality.held import PLACES, Place, restored
from pipelines.quality.screens.providers import DISAGREE, DISAGREEMENT
from pipelines.quality.screens.retold import FAR_CORRECTION, SAME
from pipelines.quality.screens.shape import Fetched
from warehouse.schema import market

LATER = dt.timedelta(hours=20)
"""A night comes a day after the one before, give or take some hours; asked twice in one night is asked once."""

_VALUES = {market.PRICE_HISTORY.name: "close", market.FX_HISTORY.name: "per_eur"}
"""Table → the value that is corrected."""


def unless_told_again(
    found: pl.DataFrame, fetched: Fetched, open_rows: pl.DataFrame, *, now: dt.datetime
) -> pl.DataFrame:
    """Turn what is found of corrections that were told before into remarks: they waited, and were told again.

    Of a day that two providers tell, both must.

    Args:
        found: ``FINDINGS``.
        fetched: The rows of providers.
        open_rows: Rows of `quarantine` that nothing has resolved yet.
        now: When it is judged.
    """
    rules = [FAR_CORRECTION, DISAGREEMENT]
    if not found["rule"].is_in(rules).any():
        return found
    waiting = open_rows.filter(pl.col("rule") == FAR_CORRECTION)
    places = [place for place in PLACES if place.table.name in _VALUES]
    days = pl.concat(_days(place, getattr(fetched, place.name), waiting, now) for place in places)
    days = days.with_columns(again=pl.lit(value=True))
    marked = found.join(days, on=["table_name", "about", "date"], how="left", maintain_order="left")
    again = pl.col("again").is_not_null() & pl.col("rule").is_in(rules)
    return marked.with_columns(pl.col("held") & ~again).drop("again")


def _days(place: Place, told: pl.DataFrame, waiting: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Return ``table_name, about, date`` of the days of which everybody who tells them says what waits already."""
    confirmed = _confirmed(place, told, waiting, now)
    others = told.join(confirmed, on=[*place.at, "source"], how="anti")
    days = confirmed.join(others, on=place.at, how="anti").unique(place.at)
    return days.select(table_name=pl.lit(place.table.name), about=place.about, date=place.day)


def _confirmed(place: Place, told: pl.DataFrame, waiting: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Return the place and source of the rows that say what waits already.

    The same row of the quarantine may have waited long ago, or with another value, which its first day does not say:
    so it must have been told so on another day by the clock, too.
    """
    value, same = _VALUES[place.table.name], list(dict.fromkeys([*place.at, "currency"]))
    mine = waiting.filter(pl.col("table_name") == place.table.name)
    seen = mine.select("first_seen_at", "last_seen_at", pl.col("about").alias(place.about), pl.col("date"))
    before = restored(mine, place).select(*same, waits=value, told_by="source")
    pairs = told.filter(pl.col(value) > 0).join(before.join(seen, on=place.at), on=same)
    apart = (pl.col(value).cast(pl.Float64) / pl.col("waits").cast(pl.Float64)).log().abs()
    its_own = pl.col("source") == pl.col("told_by")
    later = (pl.col("first_seen_at") <= now - LATER) & (pl.col("last_seen_at").dt.date() < now.date())
    said = pl.when(its_own).then(later & (apart <= SAME)).otherwise(apart <= DISAGREE)
    return pairs.filter(said).select(*place.at, "source").unique()
