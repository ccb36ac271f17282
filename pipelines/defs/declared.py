"""What Dagster shows of an asset, from the declaration of its table.

Belongs here: asset keys, groups, columns, kinds, how fresh an asset is to be, pools and retries of those that are
fetched. Does not: any asset.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import dagster as dg

from warehouse.schema.market import FX_HISTORY
from warehouse.schema.model import Column, Table
from warehouse.schema.ops import EVERY_FILE_TAKEN
from warehouse.settings import Settings

EVERYTHING_ANSWERED = "everything_answered"
EVERY_YEAR_PRICED = "every_year_priced"

_SETTINGS = Settings()
PRICE_POOL, RATES_POOL = (names[0] for names in (_SETTINGS.price_sources, _SETTINGS.fx_sources))
"""Pools of the steps that ask a provider, named like the first of the settings: those of one pool take turns."""

FETCHED = ("fetched_symbols", "fetched_rates")
"""What a run that fetches waits for before it first writes, of each step one: the warehouse's lock is never held while
a provider thinks, nor while another run has its turn to ask it."""

_DAILY = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=50), warn_window=dt.timedelta(hours=26))
_WORKDAYS = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(days=5), warn_window=dt.timedelta(days=4))
_NEVER_OLD = frozenset({"ledger"})
"""Groups that are as old as what people have stated last."""
RATE_SOURCES = _SETTINGS.fx_sources

_NOT_FETCHED = frozenset({"known_from", "bulk_loaded", "status", "updated_at"})

INGEST_RETRIES = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For steps that fetch, and for no other: what is computed or held to a gate comes out the same the second time."""


def shown(table: Table) -> dict[str, Any]:
    """Return the keyword arguments of an asset that follow from its table's declaration."""
    columns = [_column(table, column) for column in table.columns]
    return {
        "group_name": table.owner,
        "description": table.doc,
        "kinds": {"polars", "duckdb"},
        "owners": [f"team:{table.owner}"],
        "metadata": {
            "dagster/table_name": table.name,
            "dagster/column_schema": dg.TableSchema(columns=columns),
        },
        "freshness_policy": _freshness(table),
    }


def _freshness(table: Table) -> dg.FreshnessPolicy | None:
    """Return how old an asset may be: something runs every night, and one night may fail; weekends have no rates."""
    if _SETTINGS.clock or table.owner in _NEVER_OLD:
        return None
    return _WORKDAYS if table is FX_HISTORY else _DAILY


def table_asset(
    table: Table, *, deps: Sequence[str] = (), **changes: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Return the decorator of the function that gives the rows of one table; ``changes`` go before what it declares."""
    asset = dg.asset(**(shown(table) | changes), deps=deps)
    return cast("Callable[[Callable[..., Any]], dg.AssetsDefinition]", asset)


def specs(tables: Iterable[Table], *, deps: Iterable[str]) -> list[dg.AssetSpec]:
    """Return the assets of tables that one function writes in one transaction."""
    return [dg.AssetSpec(key=table.name, deps=list(deps), **shown(table)) for table in tables]


def outs(tables: Iterable[Table]) -> dict[str, dg.AssetOut]:
    """Return the assets of tables that one function returns as frames."""
    return {table.name: dg.AssetOut(key=table.name, **shown(table)) for table in tables}


def fetched(doc: str, table: Table, sources: Sequence[str] = _SETTINGS.price_sources) -> dict[str, Any]:
    """Return the keyword arguments of an asset of rows that were fetched.

    Args:
        doc: What they are.
        table: The table that they go into; they have those of its columns that a provider says.
        sources: Whom they are asked of, in order.
    """
    columns = [_column(table, column) for column in table.columns if column.name not in _NOT_FETCHED]
    return {
        "group_name": "sources",
        "description": doc,
        "kinds": {"polars", *sources[:1]},
        "owners": ["team:sources"],
        "metadata": {
            "dagster/column_schema": dg.TableSchema(columns=columns),
            "sources": ", ".join(sources),
        },
    }


def fetched_out(doc: str, table: Table, sources: Sequence[str] = _SETTINGS.price_sources) -> dg.AssetOut:
    """Return a fetched frame, staged as Parquet; see `fetched`."""
    return dg.AssetOut(**fetched(doc, table, sources), io_manager_key="staging")


def fetched_checks(asset: str) -> list[dg.AssetCheckSpec]:
    """Return the checks that say what no source answered and which files were not taken.

    They block nothing, for the others are whole.
    """
    answered = "Some source answered every question. Never blocks."
    taken = "Every file of the inbox was taken. Never blocks: a file that is not taken holds up no other."
    return [
        dg.AssetCheckSpec(EVERYTHING_ANSWERED, asset=asset, description=answered),
        dg.AssetCheckSpec(EVERY_FILE_TAKEN, asset=asset, description=taken),
    ]


def _column(table: Table, column: Column) -> dg.TableColumn:
    return dg.TableColumn(
        name=column.name,
        type=column.sql_type,
        description=f"{column.doc} [{column.unit}]" if column.unit else column.doc,
        constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=table.key == (column.name,)),
    )
