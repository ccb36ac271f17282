"""A file of transactions into a ledger, whole or not at all, and what would become of each of its rows.

Belongs here: reading, checking against what is held already, storing; the preview of that. Does not: the file's format
(`pipelines.importers`), matching (`pipelines.portfolio`), recognising rows (`warehouse.ledger.recognition`).
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from pipelines.importers.canonical import Examined, examine_transactions, read_transactions
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
_MOST_UNFIT = 20
"""Rows that are told one by one not to fit: the whole ledger is booked for each."""


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
    OPEN = "depends on a refused row"
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

    Rows that are not refused for themselves are matched with what is held. Which of them a refused row would have made
    fit, nobody can tell: one that does not fit depends on it where both may be of the same symbol. All depend on it
    where what is held no longer fits.

    Raises:
        ImportFileError: If it is no such file at all: no CSV, another header.
    """
    found = examine_transactions(
        incoming.path, today=incoming.today, account=incoming.account, content=incoming.content
    )
    refused = dict(found.refused)
    places = (~found.is_refused).arg_true().to_list()
    new, unseen = _new_of(incoming, own, portfolio, found.rows, places, refused)
    lines = found.cells.lines.to_list()
    whole, unsure = _match(incoming, own, portfolio, found, new, refused)
    told = dict.fromkeys(places, Fate.KNOWN) | dict.fromkeys(new, Fate.NEW) | dict.fromkeys(unseen, Fate.UNSEEN)
    told |= unsure | dict.fromkeys(refused, Fate.REFUSED)
    fates = [told.get(place, Fate.REFUSED) for place in range(found.rows.height)]
    return Preview(rows=found.cells.text, lines=lines, fates=fates, refused=refused, whole=whole)


def _match(
    incoming: Incoming,
    own: LedgerRepository,
    portfolio: Portfolio,
    found: Examined,
    new: Sequence[int],
    refused: dict[int, ImportFileError],
) -> tuple[ImportFileError | None, dict[int, Fate]]:
    """Return why the file is refused for what is held, and the fate of new rows that nobody can tell to fit.

    Those that do not fit go to ``refused``.
    """
    numbered, lines = row_ids(found.rows), found.cells.lines.to_list()
    at_fault = dict.fromkeys(found.is_refused.arg_true().to_list()) | refused
    left, unsure = list(new), dict[int, Fate]()
    for _ in range(_MOST_UNFIT):
        error = _fault(incoming, numbered, left, own, portfolio) if left else None
        if error is None:
            return None, unsure
        if error.line is None:
            return (None, unsure | dict.fromkeys(left, Fate.OPEN)) if refused else (error, unsure)
        place = lines.index(error.line)
        left.remove(place)
        if _may_be_for_want_of(at_fault, found.cells.text, place):
            unsure[place] = Fate.OPEN
        else:
            refused[place] = error
    return None, unsure | dict.fromkeys(left, Fate.UNSEEN)


def _fault(
    incoming: Incoming, numbered: pl.DataFrame, new: Sequence[int], own: LedgerRepository, portfolio: Portfolio
) -> ImportFileError | None:
    """Return why new rows do not go with what is there, None where they do."""
    try:
        _check(incoming, numbered, new, own, portfolio)
    except ImportFileError as error:
        return error
    return None


def _may_be_for_want_of(at_fault: Mapping[int, ImportFileError | None], text: pl.DataFrame, place: int) -> bool:
    """Return whether a row may lack one of those that are refused: of its symbol, or of nobody knows which."""
    names = [name for name in ("symbol", "to_symbol") if name in text.columns]

    def symbols(at: int) -> set[str]:
        return {text[name][at] for name in names} - {None}

    def of_no_known_symbol(at: int, error: ImportFileError | None) -> bool:
        return not symbols(at) and (error is None or error.column in {*names, "type"})

    return any(symbols(at) & symbols(place) or of_no_known_symbol(at, error) for at, error in at_fault.items())


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
