"""What is fetched, judged before it is written: the master of symbols and the histories.

Belongs here: the steps between fetched frames and the market's tables. Does not: what is believed
(`pipelines.screening`), how a fetch becomes rows (`pipelines.ingest`).
"""

from collections.abc import Iterator, Sequence

import dagster as dg
import polars as pl

from pipelines.defs.declared import specs
from pipelines.defs.io_managers import change_metadata
from pipelines.defs.records import note_rule, record_rule
from pipelines.defs.resources import Folio
from pipelines.defs.sources.prices import INSTRUMENTS
from pipelines.ingest import record_instruments, record_rates
from pipelines.quality.admission import Admission
from pipelines.quality.charts import findings_chart
from pipelines.quality.screens import Fetched
from pipelines.quality.verdict import BELIEVABLE_FETCH, by_rule, verdict
from pipelines.screening import Desk, screened
from warehouse.build import HistoryChange
from warehouse.schema.market import FX_HISTORY, PRICE_HISTORY, TRADING_SESSIONS
from warehouse.schema.model import Table

_FETCHED = ("fetched_prices", "fetched_dividends", "fetched_splits", "fetched_symbols")
_NOTHING = pl.DataFrame()

Said = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]


def _checks(tables: Sequence[Table]) -> list[dg.AssetCheckSpec]:
    doc = "What is not believed of a fetch is held back. Blocks where that is much of it, of several symbols."
    return [dg.AssetCheckSpec(BELIEVABLE_FETCH, asset=one.name, blocking=True, description=doc) for one in tables]


@dg.multi_asset(
    name="instruments",
    # What is paid in another currency is judged at that day's rate, also where both are new.
    specs=specs(INSTRUMENTS, deps=(*_FETCHED, TRADING_SESSIONS.name, FX_HISTORY.name)),
    ins={name: dg.AssetIn() for name in _FETCHED},
    check_specs=_checks(INSTRUMENTS),
)
def instruments(
    context: dg.AssetExecutionContext,
    folio: Folio,
    fetched_prices: pl.DataFrame,
    fetched_dividends: pl.DataFrame,
    fetched_splits: pl.DataFrame,
    fetched_symbols: pl.DataFrame,
) -> Said:
    """Hold back what is not believed, and record the rest: master and prices in one transaction, dividends, splits."""
    fetched = Fetched(prices=fetched_prices, dividends=fetched_dividends, splits=fetched_splits, rates=_NOTHING)
    admission = _admitted(folio, context.run.run_id, fetched, fetched_symbols, INSTRUMENTS)
    changes = record_instruments(
        folio.candidate(context.run.run_id),
        admission.believed,
        admission.symbols,
        taken_back=admission.taken_back,
        undone=admission.undone,
        now=folio.now(),
    )
    yield from _said(folio, context.run.run_id, admission, INSTRUMENTS, changes)


@dg.multi_asset(
    name=FX_HISTORY.name,
    specs=specs((FX_HISTORY,), deps=("fetched_rates",)),
    ins={"fetched_rates": dg.AssetIn()},
    check_specs=_checks((FX_HISTORY,)),
)
def fx_history(context: dg.AssetExecutionContext, folio: Folio, fetched_rates: pl.DataFrame) -> Said:
    """Hold back what is not believed, and record the other reference rates."""
    fetched = Fetched(prices=_NOTHING, dividends=_NOTHING, splits=_NOTHING, rates=fetched_rates)
    admission = _admitted(folio, context.run.run_id, fetched, _NOTHING, (FX_HISTORY,))
    change = record_rates(folio.candidate(context.run.run_id), admission.believed, now=folio.now())
    yield from _said(folio, context.run.run_id, admission, (FX_HISTORY,), {FX_HISTORY.name: change})


def _admitted(folio: Folio, run_id: str, fetched: Fetched, symbols: pl.DataFrame, tables: Sequence[Table]) -> Admission:
    desk = Desk(
        candidate=folio.candidate(run_id),
        ops=folio.ops(),
        ledger=folio.ledger(),
        now=folio.now(),
        today=folio.today(),
        preference={PRICE_HISTORY.name: folio.settings.price_sources, FX_HISTORY.name: folio.settings.fx_sources},
    )
    admission = screened(desk, fetched, symbols, tables)
    for result in by_rule(admission):
        note_rule(folio, run_id, result, blocking=False)
    return admission


def _said(
    folio: Folio, run_id: str, admission: Admission, tables: Sequence[Table], changes: dict[str, HistoryChange]
) -> Said:
    for table in tables:
        change = change_metadata(changes[table.name]) if table.name in changes else {}
        height = folio.candidate(run_id).height(table)
        chart = dg.MetadataValue.md(findings_chart(admission, table.name))
        yield dg.MaterializeResult(
            asset_key=table.name, metadata={**change, "dagster/row_count": height, "quality": chart}
        )
    verdicts = [verdict(admission, table.name) for table in tables]
    for result, blocks in verdicts:
        yield record_rule(folio, run_id, result, blocking=blocks, chart=findings_chart(admission, result.table))
    if broken := [result.message for result, blocks in verdicts if blocks]:
        raise dg.Failure(description="; ".join(broken), allow_retries=False)
