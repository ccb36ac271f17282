"""What every asset may ask for: the settings, the clock, and the stores they name.

Belongs here: the one place where Dagster meets the environment. Does not: persistence of assets (`io_managers`).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import dagster as dg
import polars as pl
from pydantic import Field, PrivateAttr

from pipelines.backlog import Backlog
from pipelines.providers.limits import limits_of
from pipelines.sources import registry
from pipelines.sources.base import Source
from pipelines.sources.files import bundled
from pipelines.sources.in_flight import in_flight_of
from pipelines.sources.resilience import Guard
from warehouse.build import Candidate, attach_candidate, open_candidate
from warehouse.errors import NoPublicationError, WarehouseBusyError
from warehouse.ledger import Ledger
from warehouse.ops import Ops
from warehouse.reader import Reader
from warehouse.schema.model import Table
from warehouse.settings import Settings

_waited_in_vain: dict[str, WarehouseBusyError] = {}
"""Runs of this process that another run kept out: their other steps do not wait again."""


@contextmanager
def _not_tried_again() -> Iterator[None]:
    """Fail a step at once where the settings are wrong: asking again is in vain."""
    try:
        yield
    except (registry.UnknownSourceError, registry.MissingKeyError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error


class Folio(dg.ConfigurableResource[None]):
    """The settings of this deployment, its clock and its stores.

    Args:
        settings_document: The settings as JSON; empty reads the environment and ``.env``.
        only_symbols: Symbols to fetch; empty fetches every symbol that is needed.
    """

    settings_document: str = ""
    only_symbols: list[str] = Field(default_factory=list)
    _settings: Settings | None = PrivateAttr(default=None)
    _ledger: Ledger | None = PrivateAttr(default=None)
    _ops: Ops | None = PrivateAttr(default=None)

    @property
    def settings(self) -> Settings:
        """Return the settings, read once."""
        if self._settings is None:
            document = self.settings_document
            self._settings = Settings.model_validate_json(document) if document else Settings()
        return self._settings

    def now(self) -> dt.datetime:
        """Return the time by which runs and publications are recorded."""
        return dt.datetime.now(dt.UTC)

    def today(self) -> dt.date:
        """Return the day for which everything is valued: the demo's, else today's in UTC."""
        return self.settings.clock or self.now().date()

    def price_sources(self) -> list[Source]:
        """Return the sources of prices, in order of preference."""
        with _not_tried_again():
            return registry.price_sources(self.settings)

    def fx_sources(self) -> list[Source]:
        """Return the sources of exchange rates, in order of preference."""
        with _not_tried_again():
            return registry.fx_sources(self.settings)

    @contextmanager
    def guard(self) -> Iterator[Guard]:
        """Yield how providers are asked: by what this deployment's processes share about them."""
        with self.ops().kept_open() as ops:
            yield Guard(
                providers=ops.providers(),
                clock=self.now,
                limits=limits_of(self.settings),
                in_flight=in_flight_of(self.settings.ops_url),
            )

    def backlog(self) -> Backlog:
        """Return what backfills have fetched and no publication has yet."""
        return Backlog(self.settings.staging_dir / "backfill")

    def bundled_symbols(self) -> pl.DataFrame:
        """Return the symbols that the demo brings along: ``symbol``, ``first_day``; none outside of the demo."""
        if "demo" not in self.settings.price_sources:
            return pl.DataFrame(schema={"symbol": pl.String, "first_day": pl.Date})
        prices = bundled(registry.DEMO_DATA).prices
        return prices.group_by("symbol").agg(first_day=pl.col("date").min())

    def ledger(self) -> Ledger:
        """Return the ledger."""
        if self._ledger is None:
            self._ledger = Ledger.open(self.settings.ledger_url)
        return self._ledger

    def ops(self) -> Ops:
        """Return the record of what happened."""
        if self._ops is None:
            self._ops = Ops.open(self.settings.ops_url)
        return self._ops

    def candidate(self, run_id: str) -> Candidate:
        """Return the run's candidate, opened (and the lock taken) by the first who asks.

        Raises:
            WarehouseBusyError: If another run holds the lock for too long; a run waits for it once.
        """
        open_one = attach_candidate(self.settings, run_id)
        if open_one is not None:
            return open_one
        if (busy := _waited_in_vain.get(run_id)) is not None:
            raise WarehouseBusyError(busy.lock, busy.waited_seconds)
        try:
            return open_candidate(self.settings, run_id)
        except WarehouseBusyError as error:
            _waited_in_vain[run_id] = error
            raise

    def stored(
        self, table: Table, *, run_id: str | None = None, where: Mapping[str, Sequence[object]] | None = None
    ) -> pl.DataFrame:
        """Return a table as the run's candidate has it, else as last published, else without rows.

        Args:
            table: The table.
            run_id: The run; None looks at what is published.
            where: Only rows whose columns have one of the values given.
        """
        candidate = attach_candidate(self.settings, run_id) if run_id else None
        if candidate is not None:
            return candidate.read(table, where=where)
        return self._read(lambda reader: reader.table(table, where=where), table.empty())

    def spans(self, query: str, by: str, *parameters: str) -> pl.DataFrame:
        """Return ``by``, ``first_stored`` and ``last_stored`` of what is published, by one of the named queries."""
        return self.said({by: pl.String(), "first_stored": pl.Date(), "last_stored": pl.Date()}, query, *parameters)

    def said(self, schema: Mapping[str, pl.DataType], query: str, *parameters: object) -> pl.DataFrame:
        """Return what one of the named queries says of what is published; without a publication, no rows."""
        return self._read(lambda reader: reader.query_file(query, parameters), pl.DataFrame(schema=schema))

    def _read(self, read: Callable[[Reader], pl.DataFrame], nothing: pl.DataFrame) -> pl.DataFrame:
        reader = Reader(self.settings)
        try:
            return read(reader)
        except NoPublicationError:
            return nothing
        finally:
            reader.close()
