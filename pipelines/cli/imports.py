"""`folio import`: a file of transactions into the ledger, whole or not at all.

Belongs here: reading, checking against what is held already, storing. Does not: the file's format
(`pipelines.importers`), matching (`pipelines.portfolio`).
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.cli.files import named_files
from pipelines.cli.located import located, located_duplicate, row_ids
from pipelines.importers.canonical import MAX_BYTES, read_transactions
from pipelines.importers.errors import ImportFileError
from pipelines.portfolio.checks import check_ledger
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.frames import SPLIT_SCHEMA, TRANSACTION_SCHEMA
from pipelines.portfolio.models import CostMethod
from warehouse.errors import NoPublicationError
from warehouse.ledger import DuplicateExternalIdError, ImportResult, LedgerRepository, Portfolio
from warehouse.reader import Reader
from warehouse.schema import market

_MORE_THAN_HELD = (
    "if {symbol} split in between, run `folio refresh --symbols {symbol}` first, which fetches its splits, or state a "
    "SPLIT row; otherwise correct the quantity or add the missing purchase"
)


def import_file(
    path: Path,
    own: LedgerRepository,
    portfolio: Portfolio,
    reader: Reader,
    *,
    today: dt.date,
    account: str | None = None,
) -> ImportResult:
    """Add those of a file's transactions that a portfolio does not have yet (`warehouse.ledger.recognition`).

    Args:
        path: The file, canonical.
        own: The ledger of its owner.
        portfolio: As the caller looked at it; if it has changed since, nothing is taken.
        reader: Gives the splits that are known.
        today: A later date is refused.
        account: Account of rows that name none.

    Raises:
        ImportFileError: If a cell of the file is refused.
        CommandError: If the file cannot be read, or a row sells more than is held then, with what is there,
            names a lot that is not there, or has the external id of another.
    """
    with named_files():
        content = _content(path)
    sha256 = hashlib.sha256(content).hexdigest()
    incoming = read_transactions(path, today=today, account=account, content=content)
    try:
        new = own.new_places(portfolio.portfolio_id, incoming, sha256=sha256)
        if new:
            _check(path, content, row_ids(incoming), new, own, portfolio, _splits(reader))
        return own.add_transactions(
            portfolio.portfolio_id, incoming, source=path.name, sha256=sha256, expected_version=portfolio.version
        )
    except DuplicateExternalIdError as error:
        raise located_duplicate(error, path, incoming, content) from error


def _check(
    path: Path,
    content: bytes,
    numbered: pl.DataFrame,
    new: Sequence[int],
    own: LedgerRepository,
    portfolio: Portfolio,
    splits: pl.DataFrame,
) -> None:
    """Refuse a file whose new rows do not go with what is there."""
    stored, accounts, *_ = own.frames(portfolio.portfolio_id)
    merged, method = _merged(stored, numbered[list(new)]), CostMethod(portfolio.cost_method)
    try:
        check_ledger(merged, accounts, splits, base=portfolio.base_currency, method=method)
    except EngineError as error:
        ids = numbered["transaction_id"].to_list()
        raise located(error, path, ids, content=content, cure=_MORE_THAN_HELD) from error


def _content(path: Path) -> bytes:
    """Return the file's bytes, read once, so that what is checked is what is stored."""
    if path.stat().st_size > MAX_BYTES:
        expected = f"a file of at most {MAX_BYTES} bytes; split it into several"
        raise ImportFileError(
            file=path, line=None, column=None, value=f"{path.stat().st_size} bytes", expected=expected
        )
    return path.read_bytes()


def _merged(stored: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return what the ledger would hold."""
    first = max(stored["sequence"].to_list(), default=0) + 1
    numbered = new.with_columns(sequence=pl.int_range(first, first + pl.len()))
    columns = list(TRANSACTION_SCHEMA)
    return pl.concat([stored.select(columns), numbered.select(columns)], how="vertical_relaxed")


def _splits(reader: Reader) -> pl.DataFrame:
    try:
        return reader.table(market.SPLIT_HISTORY).select(list(SPLIT_SCHEMA))
    except NoPublicationError:
        return pl.DataFrame(schema=SPLIT_SCHEMA)
