"""What a publication was when it was published: size and digest, in a file beside it.

Belongs here: writing that seal, and holding a file to it. Does not: what is done about a file that has changed
(`build`). The seal lies beside its file, not in ``ops.sqlite``, so that it goes where the file goes and is asked for
without a database.
"""

import hashlib
import json
from pathlib import Path


def seal_of(published: Path) -> Path:
    """Return where the seal of a published file lies."""
    return published.with_suffix(".json")


def digest(path: Path) -> str:
    """Return what a seal says of a file: its size and its SHA-256, as JSON."""
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        return json.dumps({"bytes": stream.tell(), "sha256": found}) + "\n"


def sealed_bytes(published: Path) -> int | None:
    """Return the size of a file when it was published, None where it has no seal."""
    seal = seal_of(published)
    return int(json.loads(seal.read_text(encoding="utf-8"))["bytes"]) if seal.exists() else None


def is_as_sealed(path: Path, published: Path) -> bool:
    """Return whether a file, or a copy of it, is what was published; one that has no seal is older than seals.

    Args:
        path: What is looked at.
        published: The published file whose seal counts.
    """
    seal = seal_of(published)
    return not seal.exists() or seal.read_text(encoding="utf-8") == digest(path)


def earlier(published: Path) -> Path | None:
    """Return the newest publication before one that is still as it was published, None where there is none."""
    before = [path for path in sorted(published.parent.glob("*.duckdb")) if path.name < published.name]
    return next((path for path in reversed(before) if is_as_sealed(path, path)), None)
