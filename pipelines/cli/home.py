"""The folder of a deployment, made ready for every child process.

Belongs here: folders, Dagster's ``dagster.yaml``, the environment that children inherit. Does not: settings
themselves (`warehouse.settings`).
"""

import os

from warehouse.settings import Settings

# Telemetry off; a year of history is plenty; one run at a time, for the warehouse's lock lets no more through anyway.
DAGSTER_YAML = """\
telemetry:
  enabled: false
run_coordinator:
  module: dagster._core.run_coordinator
  class: QueuedRunCoordinator
  config:
    max_concurrent_runs: 1
retention:
  schedule:
    purge_after_days: 365
  sensor:
    purge_after_days:
      skipped: 7
      failure: 30
      success: 365
"""


def prepare(settings: Settings) -> None:
    """Make the folders, write Dagster's settings and export what children need; anything there stays."""
    for folder in (settings.home, settings.inbox_dir, settings.staging_dir, settings.dagster_dir):
        folder.mkdir(parents=True, exist_ok=True)
    config = settings.dagster_dir / "dagster.yaml"
    if not config.exists():
        config.write_text(DAGSTER_YAML, encoding="utf-8")
    os.environ |= environment(settings)


def environment(settings: Settings) -> dict[str, str]:
    """Return what makes a child work on the same deployment, wherever it starts."""
    exported = {
        "FOLIO_HOME": str(settings.home),
        "DAGSTER_HOME": str(settings.dagster_dir),
        "FOLIO_PRICE_SOURCES": ",".join(settings.price_sources),
        "FOLIO_FX_SOURCES": ",".join(settings.fx_sources),
        "FOLIO_USER": settings.user,
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }
    if settings.clock is not None:
        exported["FOLIO_CLOCK"] = settings.clock.isoformat()
    return exported
