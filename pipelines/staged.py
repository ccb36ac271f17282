"""Files of the staging directory while a run writes them.

Belongs here: how they are named, and taking away those of dead runs. Does not: what is staged (`backlog`, `defs`).
"""

import shutil
from collections.abc import Callable
from pathlib import Path

HALF_WRITTEN = ".part"


def half_written(run_id: str) -> str:
    """Return the name of what a run is writing: it gets another one when it is whole."""
    return f"{run_id}{HALF_WRITTEN}"


def forget_half_written(folder: Path, is_alive: Callable[[str], bool]) -> None:
    """Remove what runs were writing when they were killed.

    Args:
        folder: The staging directory.
        is_alive: Whether a run may still be writing.
    """
    for part in folder.rglob(f"*{HALF_WRITTEN}"):
        if is_alive(part.stem):
            continue
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
