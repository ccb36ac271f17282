"""Corrections that waited until they were told again.

Belongs here: when a far correction of a stored close or rate has been said often enough. Does not: which corrections
are far (`screens.retold`, `screens.retold_rates`), what a person has accepted (`pipelines.releases`).

A provider's bad day says a false value as often as it is asked, so that only another day's word counts, or another
provider's. So it is where a provider that is asked first says another thing than one that has stood in for it: what the
other said stays until the first has said so on two days.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.quality.held import PLACES, Place, restored
from pipelines.quality.screens.providers import DISAGREE, DISAGREEMENT
from pipelines.quality.screens.retold import FAR_CORRECTION, SAME
from pipelines.quality.screens.shape import Fetched, Known
from warehouse.schema import market

Preference = Mapping[str, Sequence[str]]
"""Table → its providers, the first that is asked first."""

LATER = dt.timedelta(hours=20)
"""A night comes a day after the one before, give or take some hours; asked twice in one night is asked once."""

_VALUES = {market.PRICE_HISTORY.name: "close", market.FX_HISTORY.name: "per_eur"}
"""Table → the value that is corrected."""
_RULES = (FAR_CORRECTION, DISAGREEMENT)


def unless_told_again(
    found: pl.DataFrame,
    fetched: Fetched,
    known: Known,
    open_rows: pl.DataFrame,
    *,
    preference: Preference,
    now: dt.datetime,
) -> pl.DataFrame:
    """Turn what is found of corrections that were told before into remarks: they waited, and were told again.

    Of a day that two providers tell, both must.

    Args:
        found: ``FINDINGS``.
        fetched: The rows of providers.
        known: What is stored.
        open_rows: Rows of `quarantine` that nothing has resolved yet.
        preference: In which order providers are asked.
        now: When it is judged.
    """
    if not found["rule"].is_in(_RULES).any():
        return found
    days = [
        _days(place, getattr(fetched, place.name), _confirmed(place, fetched, known, open_rows, preference, now))
        for place in PLACES
        if place.table.name in _VALUES
    ]
    marked = found.join(pl.concat(days), on=["table_name", "about", "date"], how="left", maintain_order="left")
    again = pl.col("again").is_not_null() & pl.col("rule").is_in(_RULES)
    return marked.with_columns(pl.col("held") & ~again).drop("again")


def _days(place: Place, told: pl.DataFrame, confirmed: pl.DataFrame) -> pl.DataFrame:
    """Return ``table_name, about, date, again`` of the days of which everybody who tells them says what waits."""
    others = told.join(confirmed, on=[*place.at, "source"], how="anti")
    days = confirmed.join(others, on=place.at, how="anti").unique(place.at)
    return days.select(table_name=pl.lit(place.table.name), about=place.about, date=place.day, again=pl.lit(value=True))


def _confirmed(
    place: Place,
    fetched: Fetched,
    known: Known,
    open_rows: pl.DataFrame,
    preference: Preference,
    now: dt.datetime,
) -> pl.DataFrame:
    """Return the place and source of the rows that say what waits already."""
    told: pl.DataFrame = getattr(fetched, place.name)
    waiting = open_rows.filter(pl.col("table_name") == place.table.name)
    of_first = _of_asked_first(told, getattr(known, place.name), place, preference.get(place.table.name, ()))
    corrected, apart = (waiting.filter(pl.col("rule") == rule) for rule in _RULES)
    return pl.concat([_told_before(place, told, corrected, now), _told_before(place, of_first, apart, now)]).unique()


def _of_asked_first(told: pl.DataFrame, stored: pl.DataFrame, place: Place, order: Sequence[str]) -> pl.DataFrame:
    """Return the rows of providers that are asked before the one whose row is stored."""
    if not stored.width:
        return told.clear()
    rank = {name: at for at, name in enumerate(order)}
    asked, stored_by = (
        pl.col(name).replace_strict(rank, default=len(rank), return_dtype=pl.Int64) for name in ("source", "stored_by")
    )
    beside = told.join(stored.select(*place.at, stored_by="source"), on=place.at, maintain_order="left")
    return beside.filter(asked < stored_by).drop("stored_by")


def _told_before(place: Place, told: pl.DataFrame, waiting: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Return the place and source of the rows that say what waits of one rule.

    The same row of the quarantine may have waited long ago, or with another value, which its first day does not say:
    so it must have been told so on another day by the clock, too.
    """
    value, same = _VALUES[place.table.name], list(dict.fromkeys([*place.at, "currency"]))
    seen = waiting.select("first_seen_at", "last_seen_at", pl.col("about").alias(place.about), pl.col("date"))
    before = restored(waiting, place).select(*same, waits=value, told_by="source")
    pairs = told.filter(pl.col(value) > 0).join(before.join(seen, on=place.at), on=same)
    apart = (pl.col(value).cast(pl.Float64) / pl.col("waits").cast(pl.Float64)).log().abs()
    its_own = pl.col("source") == pl.col("told_by")
    later = (pl.col("first_seen_at") <= now - LATER) & (pl.col("last_seen_at").dt.date() < now.date())
    said = pl.when(its_own).then(later & (apart <= SAME)).otherwise(apart <= DISAGREE)
    return pairs.filter(said).select(*place.at, "source").unique()
