"""What is left of the disk that a home is on: a full one makes other things fail, in words that do not say so.

Belongs here: looking, and saying it. Does not: what fails meanwhile (`app`).
"""

import shutil
from pathlib import Path

SCARCE = 64
"""Megabytes, with fewer of which a run cannot be counted on to write what it has to."""


def no_room(home: Path) -> str | None:
    """Say that the disk of a home is full, or nearly so; None where there is room."""
    there = next(folder for folder in (home, *home.absolute().parents) if folder.is_dir())
    left = shutil.disk_usage(there).free / 1e6
    return f"only {left:.1f} MB are left on the disk of {home}" if left < SCARCE else None
