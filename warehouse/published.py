"""Which publications there are, by their files.

Belongs here: names, times and the newest one. Does not: making one (`publish`), what is in it (`reader`).
"""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from warehouse.settings import Settings

STAMP = "%Y%m%dT%H%M%S%f"
_NAME = re.compile(r"^(?P<stamp>\d{8}T\d{12})-(?P<suffix>[0-9a-f]{6})\.duckdb$")


@dataclass(frozen=True, slots=True)
class Publication:
    """A file that passed its gates; it never changes and its name is never used again."""

    id: str
    path: Path
    published_at: dt.datetime


def publications(settings: Settings) -> list[Publication]:
    """Return what is published, the oldest first."""
    found = []
    for path in sorted(settings.published_dir.glob("*.duckdb")):
        named = _NAME.match(path.name)
        if named:
            moment = dt.datetime.strptime(named["stamp"], STAMP).replace(tzinfo=dt.UTC)
            found.append(Publication(path.stem, path, moment))
    return found


def latest(settings: Settings) -> Publication | None:
    """Return the publication that the symlink names, None before the first."""
    link = settings.warehouse_link
    if not link.exists():
        return None
    target = link.resolve()
    return next((item for item in publications(settings) if item.path.resolve() == target), None)


def vanished(settings: Settings) -> Path | None:
    """Return the file that was published last where it is no more; None where it is there, or none ever was."""
    link = settings.warehouse_link
    return link.resolve() if link.is_symlink() and not link.exists() else None
