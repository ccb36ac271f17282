"""One gate a table: its declaration, and its business rules beside it.

Belongs here: turning tables and rules into checks that keep a broken table from being published. Does not: the rules
(`pipelines.quality`), what is held back of a fetch (`market.screened`). A gate that fails names the broken rows in
Dagster, in the run's failure, and in `ops.sqlite`.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from pipelines.defs.gated import GATED
from pipelines.defs.records import record_rule
from pipelines.defs.resources import Folio
from pipelines.quality.declaration import MEETS_DECLARATION
from pipelines.quality.gaps import (
    PRICED_ALTHOUGH_HELD,
    PRICED_WITHOUT_MASTER,
    priced_although_held,
    priced_without_master,
)
from pipelines.quality.gate import gate_results
from pipelines.quality.report import RuleResult
from pipelines.quality.rules import rules_of
from warehouse.look import looking
from warehouse.schema.marts import HOLDINGS
from warehouse.schema.model import Table
from warehouse.unmastered import unmastered


def gate(table: Table) -> dg.AssetChecksDefinition:
    """Return the checks that hold a table to what it declares and to its rules, in one step on one read."""

    @dg.multi_asset_check(name=f"{table.name}_gate", specs=_specs(table))
    def check(context: dg.AssetCheckExecutionContext, folio: Folio) -> Iterator[dg.AssetCheckResult]:
        with looking(folio.settings, table, run_id=context.run.run_id) as look:
            results = gate_results(look, today=folio.today()) if look else []
        yield from _recorded(folio, context.run.run_id, results)

    return check


@dg.multi_asset_check(
    name="gaps_of_positions",
    specs=[
        dg.AssetCheckSpec(
            PRICED_ALTHOUGH_HELD,
            asset=HOLDINGS.name,
            blocking=True,
            description="No position has lost its price to the quarantine.",
        ),
        dg.AssetCheckSpec(
            PRICED_WITHOUT_MASTER,
            asset=HOLDINGS.name,
            blocking=True,
            description="Every priced symbol is in the master. Blocks where one is held that is not.",
        ),
    ],
)
def gaps_of_positions(context: dg.AssetCheckExecutionContext, folio: Folio) -> Iterator[dg.AssetCheckResult]:
    """Block where all later prices of a position are held back and its last is stale, or the master has lost it."""
    run_id = context.run.run_id
    holdings = folio.stored(HOLDINGS, run_id=run_id)
    held_back = priced_although_held(holdings, folio.ops().quarantine().open_rows())
    lost, of_position = priced_without_master(unmastered(folio.candidate(run_id)), holdings)
    yield from _recorded(folio, run_id, [(held_back, True), (lost, of_position)])


def _recorded(folio: Folio, run_id: str, results: Sequence[tuple[RuleResult, bool]]) -> Iterator[dg.AssetCheckResult]:
    """Record what became of rules, each with whether it blocks, and fail where one that does was broken."""
    for result, blocking in results:
        yield record_rule(folio, run_id, result, blocking=blocking)
    if broken := [result.message for result, blocking in results if blocking and not result.passed]:
        raise dg.Failure(description="; ".join(broken), allow_retries=False)


def _specs(table: Table) -> list[dg.AssetCheckSpec]:
    declared = f"Holds {table.name} to its declaration: columns, types, nulls, key."
    rules = [(MEETS_DECLARATION, declared, True), *((rule.name, rule.doc, rule.blocking) for rule in rules_of(table))]
    return [
        dg.AssetCheckSpec(name, asset=table.name, blocking=blocking, description=doc) for name, doc, blocking in rules
    ]


@dg.definitions
def gates() -> dg.Definitions:
    """Return one gate a table, and the one that looks at positions and quarantine together."""
    return dg.Definitions(asset_checks=[*(gate(table) for table in GATED), gaps_of_positions])
