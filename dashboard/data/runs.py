"""What happened: runs of the graph.

Belongs here: the record of runs, read for a page. Does not: figures.
"""

from dashboard.data.served import ops, publication, settings
from dashboard.views.overview import FailedRun

_LAST_RUNS = 50


def run_in_vain() -> FailedRun | None:
    """Return the last run that failed or was killed after the publication, None where there is none."""
    if not settings().ops_path.exists():
        return None
    published_at = publication().published_at
    for run in ops().runs(_LAST_RUNS).iter_rows(named=True):
        ended = run["ended_at"]
        if run["status"] in {"failed", "killed"} and ended is not None and ended > published_at:
            return FailedRun(kind=run["kind"], ended_at=ended, why=run["message"] or "")
    return None
