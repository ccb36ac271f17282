"""What happened, said to `ops.sqlite` at once, so that those whom a run blocks can see why.

Belongs here: how results of gates and fetches are recorded and worded. Does not: the checks and the fetches.
"""

from collections.abc import Sequence

import dagster as dg

from pipelines.defs.declared import EVERYTHING_ANSWERED
from pipelines.defs.resources import Folio
from pipelines.quality.report import RuleResult
from pipelines.sources.rounds import Failure
from warehouse.schema.ops import EVERY_FILE_TAKEN


def note_rule(folio: Folio, run_id: str, result: RuleResult, *, blocking: bool) -> None:
    """Record what became of a rule."""
    folio.ops().record_gate(
        run_id,
        result.table,
        result.rule,
        result.passed,
        blocking,
        result.failed_rows,
        result.sample_json,
        folio.now(),
    )


def record_rule(
    folio: Folio, run_id: str, result: RuleResult, *, blocking: bool = True, chart: str = ""
) -> dg.AssetCheckResult:
    """Record what became of a rule, and return it as Dagster shows it, with a chart in Markdown where there is one."""
    note_rule(folio, run_id, result, blocking=blocking)
    return dg.AssetCheckResult(
        asset_key=result.table,
        check_name=result.rule,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description=result.finding,
        metadata={
            "failed_rows": result.failed_rows,
            "sample": dg.MetadataValue.json([dict(row) for row in result.sample]),
            "problems": dg.MetadataValue.json(list(result.problems)),
            **({"quality": dg.MetadataValue.md(chart)} if chart else {}),
        },
    )


def record_fetch(
    folio: Folio, run_id: str, asset: str, failures: Sequence[Failure], *, rule: str = EVERYTHING_ANSWERED
) -> dg.AssetCheckResult:
    """Record what nobody answered: a warning, never a reason to stop."""
    sample = tuple({"symbol": one.symbol, "error": str(one)} for one in failures)
    result = RuleResult(table=asset, rule=rule, failed_rows=len(failures), sample=sample)
    return record_rule(folio, run_id, result, blocking=False)


def record_files(folio: Folio, run_id: str, asset: str, refused: Sequence[str]) -> dg.AssetCheckResult:
    """Record which files were not taken: each by itself, and the others are whole."""
    sample = tuple({"problem": problem} for problem in refused)
    result = RuleResult(table=asset, rule=EVERY_FILE_TAKEN, failed_rows=len(refused), sample=sample)
    return record_rule(folio, run_id, result, blocking=False)
