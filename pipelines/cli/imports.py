"""`folio import`: a file of transactions into the ledger, whole or not at all.

Belongs here: reading the file from the disk. Does not: what is done with it (`pipelines.importing`).
"""

import datetime as dt
from pathlib import Path

from pipelines.cli.files import named_files
from pipelines.importers.canonical import MAX_BYTES
from pipelines.importers.errors import ImportFileError
from pipelines.importing import Incoming, take
from pipelines.stating import known_splits
from warehouse.ledger import ImportResult, LedgerRepository, Portfolio
from warehouse.reader import Reader


def import_file(
    path: Path,
    own: LedgerRepository,
    portfolio: Portfolio,
    reader: Reader,
    *,
    today: dt.date,
    account: str | None = None,
) -> ImportResult:
    """Add those of a file's transactions that a portfolio does not have yet.

    Args:
        path: The file, canonical.
        own: The ledger of its owner.
        portfolio: As the caller looked at it; if it has changed since, nothing is taken.
        reader: Gives the splits that are known.
        today: A later date is refused.
        account: Account of rows that name none.

    Raises:
        ImportFileError: If something of the file is refused.
        CommandError: If the file cannot be read.
    """
    with named_files():
        content = _content(path)
    splits = known_splits(reader)
    return take(Incoming(path=path, content=content, today=today, account=account, splits=splits), own, portfolio)


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        expected = f"a file of at most {MAX_BYTES} bytes; split it into several"
        raise ImportFileError(
            file=path, line=None, column=None, value=f"{path.stat().st_size} bytes", expected=expected
        )
    return path.read_bytes()
