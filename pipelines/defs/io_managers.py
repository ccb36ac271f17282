"""How frames get from one asset to the next: staged Parquet, and the run's candidate.

Belongs here: which write each table takes, and the end of a run that published nothing. Does not: the writes
themselves (`warehouse.build`), and what an asset computes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import polars as pl

from pipelines.defs.ending import RunEnding
from pipelines.defs.resources import Folio
from pipelines.staged import half_written
from warehouse import schema
from warehouse.build import Candidate, HistoryChange
from warehouse.schema import ledger, market, ops
from warehouse.schema.model import Table

STAGED_FETCHES = 5
"""How many fetches of each frame stay in the staging directory."""

REPLACED = (*ledger.TABLES, *ops.TABLES)


class StagingIOManager(dg.ConfigurableIOManager):
    """Keeps fetched frames as Parquet, a file a run, so that no lock is held while fetching."""

    folio: Folio

    def handle_output(self, context: dg.OutputContext, obj: pl.DataFrame) -> None:
        """Write the frame, whole or not at all, and forget the oldest fetches."""
        folder = self._folder(context.asset_key)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / half_written(context.run_id)
        obj.write_parquet(part)
        part.rename(folder / f"{context.run_id}.parquet")
        for old in _newest_first(folder)[STAGED_FETCHES:]:
            old.unlink(missing_ok=True)
        context.add_output_metadata({"dagster/row_count": obj.height})

    def load_input(self, context: dg.InputContext) -> pl.DataFrame:
        """Return what this run fetched, else the newest fetch, else a frame of no columns."""
        folder = self._folder(context.asset_key)
        own = folder / f"{context.step_context.run_id}.parquet"
        files = [own] if own.exists() else _newest_first(folder)[:1]
        return pl.read_parquet(files[0]) if files else pl.DataFrame()

    def _folder(self, key: dg.AssetKey) -> Path:
        return self.folio.settings.staging_dir / key.path[-1]


class WarehouseIOManager(dg.ConfigurableIOManager):
    """Writes tables to the run's candidate, and reads them from it; before the first write, from the publication.

    A candidate that is still open when the run ends was not published: it is dropped, and the run says why.
    """

    folio: Folio

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseIOManager"]:
        """Record the run from its start to its end."""
        with RunEnding(self.folio, context).recorded():
            yield self

    def handle_output(self, context: dg.OutputContext, obj: pl.DataFrame) -> None:
        """Write the frame as its table is written: histories by change, sessions by key, all else as a whole."""
        table = schema.table(context.asset_key.path[-1])
        candidate = self.folio.candidate(context.run_id)
        written = self._write(candidate, table, obj)
        context.add_output_metadata({**written, "dagster/row_count": candidate.height(table)})

    def load_input(self, context: dg.InputContext) -> pl.DataFrame:
        """Return the table as this run sees it."""
        return self.folio.stored(schema.table(context.asset_key.path[-1]), run_id=context.step_context.run_id)

    def _write(self, candidate: Candidate, table: Table, frame: pl.DataFrame) -> dict[str, int]:
        if table in market.HISTORIES:
            return change_metadata(candidate.record_history(table, frame, now=self.folio.now()))
        if table in REPLACED:
            return {"rows_written": candidate.replace(table, frame)}
        return {"rows_changed": candidate.upsert(table, frame)}


def change_metadata(change: HistoryChange) -> dict[str, int]:
    """Return what a write changed in a history, as metadata."""
    return {"rows_inserted": change.inserted, "rows_revised": change.revised, "rows_unchanged": change.unchanged}


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
