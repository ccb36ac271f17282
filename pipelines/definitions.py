"""Dagster's code location: everything found under `pipelines.defs`.

Belongs here: nothing but the way to the definitions.
"""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Return every asset, check, job, schedule, sensor and resource."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
