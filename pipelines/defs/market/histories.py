"""Dividends, splits and exchange rates, as declared.

Belongs here: histories that no other table changes with. Does not: prices (`prices`).
"""

import polars as pl

from pipelines.defs.declared import table_asset
from pipelines.defs.resources import Folio
from pipelines.ingest import history_rows
from warehouse.schema.market import DIVIDEND_HISTORY, FX_HISTORY, SPLIT_HISTORY


@table_asset(DIVIDEND_HISTORY)
def dividend_history(folio: Folio, fetched_dividends: pl.DataFrame) -> pl.DataFrame:
    """Return the fetched dividends as rows of their history."""
    return history_rows(DIVIDEND_HISTORY, fetched_dividends, now=folio.now())


@table_asset(SPLIT_HISTORY)
def split_history(folio: Folio, fetched_splits: pl.DataFrame) -> pl.DataFrame:
    """Return the fetched splits as rows of their history."""
    return history_rows(SPLIT_HISTORY, fetched_splits, now=folio.now())


@table_asset(FX_HISTORY)
def fx_history(folio: Folio, fetched_rates: pl.DataFrame) -> pl.DataFrame:
    """Return the fetched reference rates as rows of their history."""
    return history_rows(FX_HISTORY, fetched_rates, now=folio.now())
