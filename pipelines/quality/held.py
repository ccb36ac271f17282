"""Rows that are held back, as quarantine keeps them, and back from there.

Belongs here: what names a row, a row as text and as a row again. Does not: which rows are held (`admission`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.quality.screens.shape import ADJ_CLOSE
from warehouse.ops.quarantine import HELD
from warehouse.relational.types import plain
from warehouse.schema import market
from warehouse.schema.model import Table

_STAMPS = frozenset({"fetched_at", "known_from", "bulk_loaded"})


@dataclass(frozen=True, kw_only=True)
class Place:
    """One kind of fetched rows: its name in a fetch, its table, and the columns that say what and when."""

    name: str
    table: Table
    about: str = "symbol"
    day: str = "date"

    @property
    def at(self) -> list[str]:
        """Return the columns that say what a row is about, and when."""
        return [self.about, self.day]

    @property
    def schema(self) -> dict[str, Any]:
        """Return the columns of its table that a provider states, with who stated them."""
        return {name: dtype for name, dtype in self.table.polars_schema.items() if name not in _STAMPS}

    def conformed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a fetched frame with every column that a provider can state, null where it was absent."""
        if not frame.width:
            return pl.DataFrame(schema=self.schema)
        columns = [
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in self.schema.items()
        ]
        return frame.select(*columns, *(name for name in (ADJ_CLOSE,) if name in frame.columns))


PLACES = (
    Place(name="prices", table=market.PRICE_HISTORY),
    Place(name="dividends", table=market.DIVIDEND_HISTORY, day="ex_date"),
    Place(name="splits", table=market.SPLIT_HISTORY, day="ex_date"),
    Place(name="rates", table=market.FX_HISTORY, about="currency"),
)
PRICES, DIVIDENDS, SPLITS, RATES = PLACES


def places_of(found: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return the places of findings on one kind of rows, each once, as columns of these rows.

    Many rows are compared by these columns: a key in words is for the few that are kept.
    """
    mine = found.filter(pl.col("table_name") == place.table.name)
    return mine.select(pl.col("about").alias(place.about), pl.col("date").alias(place.day)).unique()


def keyed(frame: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return rows with ``key``: what they are about and their day, in words."""
    if not frame.width:
        frame = pl.DataFrame(schema=place.schema)
    return frame.with_columns(key=pl.format("{} {}", place.about, place.day))


def with_keys(found: pl.DataFrame) -> pl.DataFrame:
    """Return findings with ``key``, by which they are the same again; what is about a symbol is named by it alone."""
    day = pl.format("{} {}", "about", "date")
    return found.with_columns(key=pl.when(pl.col("table_name") == market.SYMBOLS.name).then("about").otherwise(day))


def held_rows(found: pl.DataFrame, fetched: Mapping[str, pl.DataFrame], symbols: pl.DataFrame) -> pl.DataFrame:
    """Return findings with the whole rows that they hold back, as ``HELD``, one a table, rule and key.

    Args:
        found: ``FINDINGS``, all of them held.
        fetched: The fetched rows, by their name in a fetch.
        symbols: The fetched profiles and quotes.
    """
    if found.is_empty():
        return pl.DataFrame(schema=HELD)
    once = with_keys(found).unique(["table_name", "rule", "key"], keep="first", maintain_order=True)
    rows = [
        _texts(
            keyed(fetched[place.name].join(places_of(once, place), on=place.at, how="semi"), place), place.table, once
        )
        for place in PLACES
    ]
    profiles = symbols if symbols.width else pl.DataFrame(schema={"symbol": pl.String})
    rows.append(_texts(profiles.with_columns(key="symbol"), market.SYMBOLS, once))
    whole = pl.concat(rows)
    return (
        once.rename({"column": "column_name"})
        .join(whole, on=["table_name", "key"], how="left", maintain_order="left")
        .with_columns(pl.col("fetched_row").fill_null("{}"))
        .select(HELD.names())
    )


def _texts(rows: pl.DataFrame, table: Table, found: pl.DataFrame) -> pl.DataFrame:
    """Return ``table_name, key, fetched_row`` of the rows that are found fault with."""
    wanted = found.filter(pl.col("table_name") == table.name).select("key").unique()
    held = rows.unique("key", keep="last", maintain_order=True).join(wanted, on="key", how="semi")
    said = [json.dumps({name: _text(value) for name, value in row.items()}) for row in held.drop("key").to_dicts()]
    return held.select(pl.lit(table.name).alias("table_name"), "key", pl.Series("fetched_row", said, dtype=pl.String))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return plain(value) if isinstance(value, Decimal) else str(value)


def restored(held: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return rows of quarantine as they were fetched.

    Args:
        held: ``table_name, key, fetched_row``; those of other tables are left out, each key counts once.
        place: What they are.
    """
    mine = held.filter(pl.col("table_name") == place.table.name).unique("key", maintain_order=True)
    texts = [{name: json.loads(row).get(name) for name in place.schema} for row in mine["fetched_row"]]
    frame = pl.DataFrame(texts, schema=dict.fromkeys(place.schema, pl.String))
    return frame.with_columns(_from_text(name, dtype) for name, dtype in place.schema.items())


def _from_text(name: str, dtype: Any) -> pl.Expr:
    return pl.col(name).str.to_date() if dtype == pl.Date else pl.col(name).cast(dtype)
