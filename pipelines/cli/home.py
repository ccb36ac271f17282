"""The folder of a deployment, made ready for every child process.

Belongs here: folders, Dagster's ``dagster.yaml``, the environment that children inherit. Does not: settings
themselves (`warehouse.settings`).
"""

import os

from warehouse.settings import Settings

# Neither telemetry nor an invitation to a newsletter; a year of history is plenty; two runs at a time, for one may
# fetch while the other writes, and the warehouse's lock lets no more through; a provider is asked by one step at a
# time; a small machine takes its time to import the graph.
DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: pipelines.defs.event_log
  class: EventLog
  config:
    home:
      env: DAGSTER_HOME
concurrency:
  runs:
    max_concurrent_runs: 2
  pools:
    granularity: op
    default_limit: 1
freshness:
  enabled: true
code_servers:
  local_startup_timeout: 180
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
    os.environ.pop("FOLIO_CLOCK", None)
    os.environ |= environment(settings)


def environment(settings: Settings) -> dict[str, str]:
    """Return what makes a child work on the same deployment, wherever it starts and whatever is set around it."""
    stated = {f"FOLIO_{name.upper()}": _text(value) for name, value in settings.model_dump(mode="json").items()}
    key = settings.alphavantage_key
    return stated | {
        "FOLIO_ALPHAVANTAGE_KEY": "" if key is None else key.get_secret_value(),  # no dump of the settings has it
        "DAGSTER_HOME": str(settings.dagster_dir),
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }


def _text(value: object) -> str:
    if value is None:
        return ""  # no setting: what the caller's own environment had said must not come through
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
