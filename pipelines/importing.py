"""A file of transactions into a ledger, whole or not at all, and what would become of each of its rows.

Belongs here: reading, checking against what is held already, storing; the preview of that. Does not: the file's format
(`pipelines.importers`), matching (`pipelines.portfolio`), recognising rows (`warehouse.ledger.recognition`).
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from pipelines.importers.canonical import examine_transactions, read_transactions
from pipelines.importers.errors import ImportFileError
from pipelines.importers.located import located, located_duplicate, row_ids
from pipelines.portfolio.checks import check_ledger
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.frames import TRANSACTION_SCHEMA
from pipelines.portfolio.models import CostMethod
from warehouse.ledger import DuplicateExternalIdError, ImportResult, LedgerRepository, Portfolio

_MORE_THAN_HELD = (
    "if {symbol} split in between, run `folio refresh --symbols {symbol}` first, which fetches its splits, or state a "
    "SPLIT row; otherwise correct the quantity or add the missing purchase"
)
_MOST_CONFLICTS = 100


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A file on its way into a portfolio.

    Args:
        path: Its name.
        content: Its bytes, read once, so that what is checked is what is stored.
        today: A later date is refused.
        account: Account of rows that name none.
        splits: The splits that are known, ``SPLIT_SCHEMA``.
    """

    path: Path
    content: bytes
    today: dt.date
    account: str | None
    splits: pl.DataFrame

    @property
    def sha256(self) -> str:
        """Return the digest by which the ledger remembers it."""
        return hashlib.sha256(self.content).hexdigest()


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    KNOWN = "known already"
    REFUSED = "refused"
    UNSEEN = "not looked at"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would become of a file.

    Args:
        rows: What is written in each row, as text, in the order of the file.
        lines: The line of each.
        fates: The fate of each.
        refused: Why a row is refused, by its place; of very many only the first.
        whole: Why the file is refused for what is not in it; None where it is not.
    """

    rows: pl.DataFrame
    lines: list[int]
    fates: list[Fate]
    refused: dict[int, ImportFileError]
    whole: ImportFileError | None

    @property
    def can_be_taken(self) -> bool:
        """Return whether nothing of it is refused, and anything new."""
        return not self.refused and self.whole is None and Fate.NEW in self.fates


def take(incoming: Incoming, own: LedgerRepository, portfolio: Portfolio) -> ImportResult:
    """Add those of a file's transactions that a portfolio does not have yet (`warehouse.ledger.recognition`).

    Args:
        incoming: The file.
        own: The ledger of its owner.
        portfolio: As the caller looked at it; if it has changed since, nothing is taken.

    Raises:
        ImportFileError: If a cell of the file is refused, or a row sells more than is held then, with what is there,
            names a lot that is not there, or has the external id of another.
        StaleVersionError: If the portfolio has changed.
    """
    path, content = incoming.path, incoming.content
    rows = read_transactions(path, today=incoming.today, account=incoming.account, content=content)
    try:
        new = own.new_places(portfolio.portfolio_id, rows, sha256=incoming.sha256)
        if new:
            _check(incoming, row_ids(rows), new, own, portfolio)
        return own.add_transactions(
            portfolio.portfolio_id,
            rows,
            source=path.name,
            sha256=incoming.sha256,
            expected_version=portfolio.version,
        )
    except DuplicateExternalIdError as error:
        raise located_duplicate(error, path, rows, content) from error


def preview(incoming: Incoming, own: LedgerRepository, portfolio: Portfolio) -> Preview:
    """Return what `take` would do with each row of a file, and write nothing.

    Rows are matched with what is held only once no row is refused for itself: without that row the others may not fit.

    Raises:
        ImportFileError: If it is no such file at all: no CSV, another header.
    """
    found = examine_transactions(
        incoming.path, today=incoming.today, account=incoming.account, content=incoming.content
    )
    refused = dict(found.refused)
    places = (~found.is_refused).arg_true().to_list()
    new, unseen = _new_of(incoming, own, portfolio, found.rows, places, refused)
    whole = None
    if new and not refused:
        try:
            _check(incoming, row_ids(found.rows), new, own, portfolio)
        except ImportFileError as error:
            place = None if error.line is None else found.cells.lines.to_list().index(error.line)
            if place is None:
                whole = error
            else:
                refused[place] = error
    told = dict.fromkeys(places, Fate.KNOWN) | dict.fromkeys(new, Fate.NEW) | dict.fromkeys(unseen, Fate.UNSEEN)
    told |= dict.fromkeys(refused, Fate.REFUSED)
    fates = [told.get(place, Fate.REFUSED) for place in range(found.rows.height)]
    return Preview(rows=found.cells.text, lines=found.cells.lines.to_list(), fates=fates, refused=refused, whole=whole)


def _new_of(
    incoming: Incoming,
    own: LedgerRepository,
    portfolio: Portfolio,
    rows: pl.DataFrame,
    places: list[int],
    refused: dict[int, ImportFileError],
) -> tuple[list[int], list[int]]:
    """Return which places are new and which nobody has looked at; those that the ledger refuses go to ``refused``."""
    left = list(places)
    for _ in range(_MOST_CONFLICTS):
        try:
            found = own.new_places(portfolio.portfolio_id, rows[left], sha256=incoming.sha256)
        except DuplicateExternalIdError as error:
            place = next(at for at in left if rows["external_id"][at] == error.external_id)
            refused[place] = located_duplicate(error, incoming.path, rows, incoming.content)
            left.remove(place)
        else:
            return [left[at] for at in found], []
    return [], left


def _check(
    incoming: Incoming, numbered: pl.DataFrame, new: Sequence[int], own: LedgerRepository, portfolio: Portfolio
) -> None:
    """Refuse a file whose new rows do not go with what is there."""
    stored, accounts, *_ = own.frames(portfolio.portfolio_id)
    merged, method = _merged(stored, numbered[list(new)]), CostMethod(portfolio.cost_method)
    try:
        check_ledger(merged, accounts, incoming.splits, base=portfolio.base_currency, method=method)
    except EngineError as error:
        ids = numbered["transaction_id"].to_list()
        raise located(error, incoming.path, ids, content=incoming.content, cure=_MORE_THAN_HELD) from error


def _merged(stored: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return what the ledger would hold."""
    first = max(stored["sequence"].to_list(), default=0) + 1
    numbered = new.with_columns(sequence=pl.int_range(first, first + pl.len()))
    columns = list(TRANSACTION_SCHEMA)
    return pl.concat([stored.select(columns), numbered.select(columns)], how="vertical_relaxed")
