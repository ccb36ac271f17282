"""Open rows of the quarantine that a fetch resolves.

Belongs here: when a row that was held back counts as resolved, and how. Does not: what is held back now (`admission`).
"""

from collections.abc import Mapping

import polars as pl

from pipelines.quality.held import PLACES, keyed, places_of
from warehouse.ops.quarantine import BELIEVABLE, OWN, RESOLUTIONS, WITHDRAWN
from warehouse.schema import market
from warehouse.schema.ops import RELEASED

_SAME = ["table_name", "rule", "key"]


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
    symbol passes over, with days before and after, is stated no more; where nothing of the symbol came, nothing can be
    said.

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
    spans = _spans(fetched)
    marked = (
        left.join(came.with_columns(came=pl.lit(value=True)), on=["table_name", "key"], how="left")
        .join(own.with_columns(own=pl.lit(value=True)), on=["table_name", "key"], how="left")
        .join(accepted.select(*_SAME, accepted=pl.lit(value=True)), on=_SAME, how="left")
        .join(spans, on=["table_name", "about"], how="left")
    )
    passed_over = (pl.col("date") >= pl.col("first")) & (pl.col("date") <= pl.col("last"))
    how = (
        pl.when(pl.col("own").is_not_null())
        .then(pl.lit(OWN))
        .when(pl.col("came") & pl.col("accepted").is_not_null())
        .then(pl.lit(RELEASED))
        .when(pl.col("came").is_not_null())
        .then(pl.lit(BELIEVABLE))
        .when(passed_over)
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


def _spans(fetched: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return ``table_name, about, first, last``: what prices of a symbol were fetched, or what rates of a currency."""
    instruments, currencies = (
        fetched[place.name].group_by(about=place.about).agg(first=pl.col("date").min(), last=pl.col("date").max())
        for place in PLACES
        if place.day == "date"
    )
    tables = {place.table.name: currencies if place.table is market.FX_HISTORY else instruments for place in PLACES}
    named = [span.select(pl.lit(name).alias("table_name"), "about", "first", "last") for name, span in tables.items()]
    return pl.concat(named)
