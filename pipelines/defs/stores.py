"""The resources by name.

Belongs here: the wiring of resources, IO managers and the executor. Does not: any of them.
"""

import dagster as dg

from pipelines.defs.io_managers import StagingIOManager, WarehouseIOManager
from pipelines.defs.resources import Folio
from warehouse.settings import Settings


def resources(settings: Settings | None = None, *, only_symbols: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the resources of the given settings; without any, each run reads them from its environment."""
    folio = Folio(settings_document=settings.model_dump_json() if settings else "", only_symbols=list(only_symbols))
    return {"folio": folio, "io_manager": WarehouseIOManager(folio=folio), "staging": StagingIOManager(folio=folio)}


@dg.definitions
def stores() -> dg.Definitions:
    """Return the resources; runs execute in one process, for a step in its own process costs seconds."""
    return dg.Definitions(resources=resources(), executor=dg.in_process_executor)
