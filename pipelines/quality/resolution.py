"""Open rows of the quarantine that a fetch resolves.

Belongs here: when a row that was held back counts as resolved, and how. Does not: what is held back now (`admission`).
"""

import datetime as dt
from collections.abc import Mapping
from functools import partial

import polars as pl

from pipelines.quality.held import PLACES, PRICES, RATES, keyed, places_of
from warehouse.ops.quarantine import BELIEVABLE, OWN, RESOLUTIONS, WITHDRAWN
from warehouse.schema import market
from warehouse.schema.ops import RELEASED

_SAME = ["table_name", "rule", "key"]
_NO_GAP, _NO_GAP_TIMES = dt.timedelta(days=14), 3
"""Between two days that were fetched there is no gap up to a closure of an exchange, or of so many times what is usual
between two days of a series: a fund may be priced once a month."""


def resolutions(
    open_rows: pl.DataFrame,
    accepted: pl.DataFrame,
    held: pl.DataFrame,
    *,
    remarks: pl.DataFrame,
    fetched: Mapping[str, pl.DataFrame],
    symbols: pl.DataFrame,
    own: pl.DataFrame,
) -> pl.DataFrame:
    """Return the open rows that are resolved: their key came and that rule holds it back no more, or is not stated.

    What would be a remark by itself stays open as long as another rule holds its row back. A row that a fetch of its
    symbol passes over, with days shortly before and after, is stated no more; where nothing of the symbol came, or only
    of other years, nothing can be said.

    Args:
        open_rows: Rows of `quarantine` that nothing has resolved yet.
        accepted: ``table_name, rule, key`` of what a release has let in now.
        held: What is held back now, ``HELD``.
        remarks: ``table_name, rule, key`` of what is found now of rows that it does not hold back.
        fetched: All fetched rows, by their name in a fetch.
        symbols: The fetched profiles and quotes.
        own: ``table_name, key`` that a person has stated in place of a provider.

    Returns:
        ``RESOLUTIONS``, by id.
    """
    if open_rows.is_empty():
        return pl.DataFrame(schema=RESOLUTIONS)
    beside = remarks.join(held, on=["table_name", "key"], how="semi")
    left = open_rows.join(pl.concat([held.select(_SAME), beside.select(_SAME)]), on=_SAME, how="anti")
    came = _came(left, fetched, symbols)
    marked = (
        left.join(came.with_columns(came=pl.lit(value=True)), on=["table_name", "key"], how="left")
        .join(own.with_columns(own=pl.lit(value=True)), on=["table_name", "key"], how="left")
        .join(accepted.select(*_SAME, accepted=pl.lit(value=True)), on=_SAME, how="left")
        .join(_passed_over(left, fetched), on="quarantine_id", how="left")
    )
    how = (
        pl.when(pl.col("own").is_not_null())
        .then(pl.lit(OWN))
        .when(pl.col("came") & pl.col("accepted").is_not_null())
        .then(pl.lit(RELEASED))
        .when(pl.col("came").is_not_null())
        .then(pl.lit(BELIEVABLE))
        .when(pl.col("passed_over"))
        .then(pl.lit(WITHDRAWN))
    )
    resolved = marked.select("quarantine_id", resolution=how).drop_nulls().sort("quarantine_id")
    return resolved.unique("quarantine_id", maintain_order=True).cast(RESOLUTIONS)


def _came(left: pl.DataFrame, fetched: Mapping[str, pl.DataFrame], symbols: pl.DataFrame) -> pl.DataFrame:
    """Return ``table_name, key`` of those rows that were fetched; of a symbol, if a quote or a price of it was."""
    rows = [
        keyed(fetched[place.name].join(places_of(left, place), on=place.at, how="semi"), place).select(
            pl.lit(place.table.name).alias("table_name"), "key"
        )
        for place in PLACES
    ]
    quoted = symbols.drop_nulls("last_price").select(key="symbol") if "last_price" in symbols.columns else None
    named = [fetched["prices"].select(key="symbol").unique(), *([] if quoted is None else [quoted])]
    rows.append(pl.concat(named).select(pl.lit(market.SYMBOLS.name).alias("table_name"), "key"))
    return pl.concat(rows).unique()


def _passed_over(left: pl.DataFrame, fetched: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return ``quarantine_id, passed_over`` of rows around whose day prices of the symbol, or rates, were fetched.

    A run may bring years that do not meet, of a backfill and of tonight: of what is between them nobody was asked.
    """
    found = []
    for place in PLACES:
        of = RATES if place is RATES else PRICES
        told = keyed(fetched[of.name], of).select(about=of.about, day=of.day)
        found.append(_surrounded(left.filter(table_name=place.table.name), told))
    return pl.concat(found).with_columns(passed_over=pl.lit(value=True))


def _surrounded(left: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return ``quarantine_id`` of the rows with days before and after theirs that are no gap of their series.

    Args:
        left: Open rows.
        told: ``about, day`` of what was fetched.
    """
    rows = left.select("quarantine_id", "about", "date").drop_nulls().sort("date")
    days = told.join(rows, on="about", how="semi").unique().sort("day")
    several = pl.len() > _NO_GAP_TIMES  # of two days that do not meet the gap itself would be what is usual
    usual = days.group_by("about").agg(usual=pl.when(several).then(pl.col("day").diff().median()))
    nearest = partial(pl.DataFrame.join_asof, left_on="date", right_on="day", by="about", check_sortedness=False)
    before = nearest(rows, days.with_columns(before="day"), strategy="backward").drop("day")
    both = nearest(before, days.with_columns(after="day"), strategy="forward")
    gap = pl.max_horizontal(pl.lit(_NO_GAP), pl.col("usual") * _NO_GAP_TIMES)
    return both.join(usual, on="about").filter(pl.col("after") - pl.col("before") <= gap).select("quarantine_id")
