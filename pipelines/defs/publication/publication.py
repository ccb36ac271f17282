"""The end of a run: what its gates found, what was held back, how the providers did, and the publication.

Belongs here: the mirrors of what happened, and the step that runs only if nothing blocking failed. Does not: the gates
(`defs.checks`), how a file becomes a publication (`warehouse.publish`).
"""

import dagster as dg
import polars as pl

from pipelines.defs.declared import table_asset
from pipelines.defs.ending import PUBLISHED
from pipelines.defs.gated import GATED
from pipelines.defs.interrupts import check, uninterrupted
from pipelines.defs.resources import Folio
from pipelines.providers import health
from pipelines.providers.limits import limits_of
from pipelines.quality.charts import gates_chart
from warehouse.publish import publish
from warehouse.schema.market import HISTORIES
from warehouse.schema.marts import PUBLICATIONS
from warehouse.schema.ops import PROVIDER_HEALTH, QUALITY_RESULTS, QUARANTINE


@table_asset(QUALITY_RESULTS, deps=[table.name for table in GATED])
def quality_results(context: dg.AssetExecutionContext, folio: Folio) -> dg.Output[pl.DataFrame]:
    """Mirror what every gate found, this run's included."""
    gates = folio.ops().gates()
    mine = gates.filter(pl.col("run_id") == context.run.run_id)
    return dg.Output(gates, metadata={"quality": dg.MetadataValue.md(gates_chart(mine))})


@table_asset(QUARANTINE, deps=[table.name for table in HISTORIES])
def quarantine(context: dg.AssetExecutionContext, folio: Folio) -> pl.DataFrame:
    """Mirror the rows held back, as they stand once this run is published."""
    return folio.ops().quarantine().rows(as_of_run=context.run.run_id)


@table_asset(PROVIDER_HEALTH, deps=["fetched_prices", "fetched_rates"])
def provider_health(folio: Folio) -> pl.DataFrame:
    """Mirror how each provider did, this run's calls included."""
    return health.provider_health(
        folio.ops().providers(),
        limits_of(folio.settings),
        asked=frozenset((*folio.settings.price_sources, *folio.settings.fx_sources)),
        now=folio.now(),
    )


@table_asset(
    PUBLICATIONS,
    deps=[*(table.name for table in GATED), QUALITY_RESULTS.name, PROVIDER_HEALTH.name, QUARANTINE.name],
    name=PUBLISHED,
    kinds={"duckdb"},
    description="What everybody reads from now on.",
)
def published_warehouse(context: dg.AssetExecutionContext, folio: Folio) -> dg.MaterializeResult[None]:
    """Make the run's candidate what everybody reads: checkpoint, sync, rename, symlink."""
    candidate = folio.candidate(context.run.run_id)
    before = candidate.height(PUBLICATIONS)
    check()
    with uninterrupted():
        publication = publish(candidate, folio.settings, now=folio.now(), as_of=folio.today())
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": before + 1,
            "publication_id": publication.id,
            "path": dg.MetadataValue.path(str(publication.path)),
            "size_bytes": publication.path.stat().st_size,
            "as_of": folio.today().isoformat(),
        }
    )
