"""The end of a run: what its gates found, and the publication.

Belongs here: the mirror of gate results, and the step that runs only if nothing blocking failed. Does not: the gates
(`defs.checks`), how a file becomes a publication (`warehouse.publish`).
"""

import dagster as dg
import polars as pl

from pipelines.defs.declared import table_asset
from pipelines.defs.ending import PUBLISHED
from pipelines.defs.gated import GATED
from pipelines.defs.interrupts import check, uninterrupted
from pipelines.defs.resources import Folio
from warehouse.publish import publish
from warehouse.schema.ops import QUALITY_RESULTS


@table_asset(QUALITY_RESULTS, deps=[table.name for table in GATED])
def quality_results(folio: Folio) -> pl.DataFrame:
    """Mirror what every gate found, this run's included."""
    return folio.ops().gates()


@dg.asset(
    name=PUBLISHED,
    deps=[*(table.name for table in GATED), QUALITY_RESULTS.name],
    group_name="publication",
    kinds={"duckdb"},
    owners=["team:publication"],
)
def published_warehouse(context: dg.AssetExecutionContext, folio: Folio) -> dg.MaterializeResult[None]:
    """Make the run's candidate what everybody reads: checkpoint, sync, rename, symlink."""
    candidate = folio.candidate(context.run.run_id)
    check()
    with uninterrupted():
        publication = publish(candidate, folio.settings, now=folio.now(), as_of=folio.today())
    return dg.MaterializeResult(
        metadata={
            "publication_id": publication.id,
            "path": dg.MetadataValue.path(str(publication.path)),
            "size_bytes": publication.path.stat().st_size,
            "as_of": folio.today().isoformat(),
        }
    )
