"""What happened: runs of the graph.

Belongs here: the record of runs, read for a page. Does not: figures.
"""

from dashboard.data.served import ops, publication, settings
from warehouse.ops import FailedRun


def run_in_vain() -> FailedRun | None:
    """Return the last run that failed or was killed after the publication, None where there is none."""
    if not settings().ops_path.exists():
        return None
    return ops().last_failed(publication().published_at)
