"""Corrections that waited until they were told again.

Belongs here: when a far correction of a stored close or rate has been said often enough. Does not: which corrections
are far (`screens.retold`, `screens.retold_rates`), what a person has accepted (`pipelines.releases`).

A provider's bad day says a false value as often as it is asked, so that only its word of another day counts, on which
it has a newer close, too, or another provider's. So it is where a provider that is asked first says another thing than
one that has stood in for it: what the other said stays until the first has said so on two such days. It stays for good
where the days beside it bear it out, where the first only repeats its close of a day beside, and where another day is
told anew by the same ratio, as for a split. More than a few days of a week (`screens.retold`) are never a matter of
whose word counts.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.quality.held import PLACES, Place, restored
from pipelines.quality.screens.mending import unless_contradicted
from pipelines.quality.screens.providers import DISAGREE, DISAGREEMENT, FIGURE, same_unit
from pipelines.quality.screens.restated import ONE_RATIO
from pipelines.quality.screens.retold import FAR_CORRECTION, SAME
from pipelines.quality.screens.shape import Fetched, Known

Preference = Mapping[str, Sequence[str]]
"""Table → its providers, the first that is asked first."""

LATER = dt.timedelta(hours=20)
"""A night comes a day after the one before, give or take some hours; asked twice in one night is asked once."""

_PLACES = tuple(place for place in PLACES if place.name in {"prices", "rates"})
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
    days = pl.concat(_confirmed(place, fetched, known, open_rows, preference, now) for place in _PLACES)
    marked = found.join(days, on=["table_name", "about", "date"], how="left", maintain_order="left")
    again = pl.col("again").is_not_null() & pl.col("rule").is_in(_RULES)
    return marked.with_columns(pl.col("held") & ~again).drop("again")


def _confirmed(
    place: Place,
    fetched: Fetched,
    known: Known,
    open_rows: pl.DataFrame,
    preference: Preference,
    now: dt.datetime,
) -> pl.DataFrame:
    """Return ``table_name, about, date, again`` of the days of which all who tell them say what waits already."""
    told, stored = (_frame(rows, place) for rows in (fetched, known))
    waiting = open_rows.filter(pl.col("table_name") == place.table.name)
    reach = told.group_by(place.about, "source").agg(reach=pl.col("date").max())
    of_first = _of_asked_first(told, stored, place, preference.get(place.table.name, ()))
    said = [
        _told_before(place, rows.join(reach, on=[place.about, "source"]), waiting.filter(pl.col("rule") == rule), now)
        for rule, rows in ((FAR_CORRECTION, told), (DISAGREEMENT, of_first))
    ]
    confirmed = pl.concat(said).unique()
    others = told.join(confirmed, on=[*place.at, "source"], how="anti")
    days = confirmed.join(others, on=place.at, how="anti").unique(place.at)
    return days.select(table_name=pl.lit(place.table.name), about=place.about, date=place.day, again=pl.lit(value=True))


def _frame(rows: Fetched | Known, place: Place) -> pl.DataFrame:
    frame: pl.DataFrame = getattr(rows, place.name)
    return frame if frame.width else pl.DataFrame(schema=place.schema)


def _of_asked_first(told: pl.DataFrame, stored: pl.DataFrame, place: Place, order: Sequence[str]) -> pl.DataFrame:
    """Return the rows of providers that are asked before the one whose row is stored, where their word may count."""
    value = FIGURE[place.table.name]
    rank = {name: at for at, name in enumerate(order)}
    asked, stored_by = (
        pl.col(name).replace_strict(rank, default=len(rank), return_dtype=pl.Int64) for name in ("source", "stored_by")
    )
    before = stored.filter(pl.col(value) > 0).select(*place.at, stored=value, stored_by="source")
    series = [place.about, "source"]
    close = pl.col(value).cast(pl.Float64)
    repeats = (close == close.shift(1).over(series)) | (close == close.shift(-1).over(series))
    off = (close / pl.col("stored").cast(pl.Float64)).log()
    marked = told.filter(pl.col(value) > 0).sort(*series, "date").with_columns(repeats=repeats.fill_null(value=False))
    again = marked.join(before, on=place.at, maintain_order="left").with_columns(off=off).sort(*series, "off")
    apart = pl.min_horizontal(pl.col("off").diff().over(series), -pl.col("off").diff(-1).over(series))
    alone = again.filter(asked < stored_by, ~pl.col("repeats"), apart.is_null() | (apart > ONE_RATIO))
    return unless_contradicted(alone, stored, told, about=place.about, value=value).select(told.columns)


def _told_before(place: Place, told: pl.DataFrame, waiting: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Return the place and source of the rows that say what waits of one rule.

    Args:
        place: What they are.
        told: The rows, with ``reach``: the last day that their provider tells now.
        waiting: Open rows of the quarantine, of that rule.
        now: When it is judged.
    """
    value, same = FIGURE[place.table.name], same_unit(place.table)
    since = pl.col("value_since_at").fill_null(pl.col("last_seen_at"))
    seen = waiting.select("last_seen_at", pl.col("about").alias(place.about), pl.col("date"), since=since)
    before = restored(waiting, place).select(*same, waits=value, told_by="source")
    pairs = told.filter(pl.col(value) > 0).join(before.join(seen, on=place.at), on=same)
    apart = (pl.col(value).cast(pl.Float64) / pl.col("waits").cast(pl.Float64)).log().abs()
    its_own = pl.col("source") == pl.col("told_by")
    later = (pl.col("since") <= now - LATER) & (pl.col("last_seen_at").dt.date() < now.date())
    newer = pl.col("reach") > pl.col("since").dt.date()
    said = pl.when(its_own).then(later & newer & (apart <= SAME)).otherwise(apart <= DISAGREE)
    return pairs.filter(said).select(*place.at, "source").unique()
