"""From candidate to publication: checkpoint, sync, seal, rename, symlink, retention (ADR 1).

Belongs here: what makes a file a publication, and how long it stays one. Does not: which there are (`published`),
writing rows (`build`), reading them (`reader`).
"""

import datetime as dt
import os
import secrets
from importlib.metadata import version
from pathlib import Path

from warehouse.build import Candidate
from warehouse.published import STAMP, Publication, publications
from warehouse.seals import digest, seal_of
from warehouse.settings import Settings

_READ_ONLY = 0o444


def publish(candidate: Candidate, settings: Settings, *, now: dt.datetime, as_of: dt.date | None = None) -> Publication:
    """Make the candidate the publication that everybody reads, and release the lock.

    Args:
        candidate: Of this run; closed by this call.
        settings: Where publications lie and how many stay.
        now: Time of publication, with a zone.
        as_of: Valuation date of its marts.
    """
    publication_id = f"{now.astimezone(dt.UTC):{STAMP}}-{secrets.token_hex(3)}"
    target = settings.published_dir / f"{publication_id}.duckdb"
    candidate.sql_write(
        "INSERT INTO publications VALUES (?, ?, ?, ?, ?)",
        [publication_id, candidate.run_id, now, as_of, version("folioduck")],
    )
    try:
        candidate.seal()
        _sync(candidate.path)
        candidate.path.chmod(_READ_ONLY)
        settings.published_dir.mkdir(parents=True, exist_ok=True)
        _put_seal(candidate.path, target)
        candidate.path.rename(target)
        _sync(settings.published_dir)
        _point(settings.warehouse_link, target)
        retain(settings)
    finally:
        candidate.release()
    return Publication(publication_id, target, now)


def retain(settings: Settings) -> list[Path]:
    """Remove the oldest publications beyond what is kept, never the current one; return what was removed."""
    current = settings.warehouse_link.resolve()
    surplus = publications(settings)[: -settings.keep_publications]
    removed = [item.path for item in surplus if item.path.resolve() != current]
    for path in removed:
        path.unlink(missing_ok=True)
        # A stranger's read-write open may have left a log beside it; names are never reused, so nobody replays it.
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    for seal in settings.published_dir.glob("*.json"):
        if not seal.with_suffix(".duckdb").exists():
            seal.unlink(missing_ok=True)
    return removed


def _put_seal(file: Path, target: Path) -> None:
    """Write the seal of a file that is to be published; a run that dies before its rename leaves one alone."""
    seal = seal_of(target)
    seal.write_text(digest(file), encoding="utf-8")
    seal.chmod(_READ_ONLY)
    _sync(seal)


def _point(link: Path, target: Path) -> None:
    """Swap the symlink in one step."""
    fresh = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    fresh.symlink_to(os.path.relpath(target, link.parent))
    fresh.replace(link)
    _sync(link.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
