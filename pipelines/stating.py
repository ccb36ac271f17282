"""What people state, taken only if the engine can book it.

Belongs here: the check that a change of a ledger must pass, whoever makes it. Does not: storing (`warehouse.ledger`),
files (`importing`), figures.
"""

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.importers.canonical import TRANSACTION_COLUMNS, read_prices, read_transactions
from pipelines.importers.errors import ImportFileError
from pipelines.portfolio.checks import check_ledger
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.frames import PRICE_SCHEMA, SPLIT_SCHEMA
from pipelines.portfolio.models import CostMethod
from warehouse.errors import NoPublicationError
from warehouse.ledger import LedgerRepository, State
from warehouse.reader import Reader
from warehouse.schema import market

ENTRY = Path("entry")
"""What stands where a file's name would, of a row that was typed in."""


def entered(cells: Mapping[str, str], *, today: dt.date) -> pl.DataFrame:
    """Return a row that was typed in as ``ROW_SCHEMA``, by the rules of a file with that one row.

    Args:
        cells: What was typed, by column of the canonical file; what is left out or empty is not stated.
        today: A later date is refused.

    Raises:
        ImportFileError: For the first cell that is not as it should be.
    """
    return read_transactions(ENTRY, today=today, content=_one_row(TRANSACTION_COLUMNS, cells))


def entered_price(cells: Mapping[str, str], *, currency: str | None) -> dict[str, Any]:
    """Return a close that was typed in as a row of ``PRICE_SCHEMA``, by the rules of a file with that one row.

    Args:
        cells: What was typed, by column of the file.
        currency: That of the symbol's other prices, None where there are none.

    Raises:
        ImportFileError: For the first cell that is not as it should be, and for another currency.
    """
    row = read_prices(ENTRY, content=_one_row(list(PRICE_SCHEMA), cells)).row(0, named=True)
    if currency not in {None, row["currency"]}:
        expected = f"{currency}, in which {row['symbol']} is priced"
        raise ImportFileError(file=ENTRY, line=2, column="currency", value=row["currency"], expected=expected)
    return row


def _one_row(columns: Sequence[str], cells: Mapping[str, str]) -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns)
    writer.writeheader()
    writer.writerow(dict(cells))
    return written.getvalue().encode()


def held_to_booking(own: LedgerRepository, splits: pl.DataFrame) -> LedgerRepository:
    """Return a ledger of which no change is taken that the engine cannot book.

    A ledger that could not be booked before the change either is left to whoever is mending it, which may take several.

    Args:
        own: The ledger of its owner.
        splits: The splits that are known, ``SPLIT_SCHEMA``.
    """

    def check(before: State, after: State) -> None:
        try:
            book(after, splits)
        except EngineError:
            if can_be_booked(before, splits):
                raise

    return own.held_to(check)


def book(state: State, splits: pl.DataFrame) -> None:
    """Book all that is stated and forget the result.

    Raises:
        OversoldError: If more is disposed of than is held.
        InvalidTransactionError: If a row lacks what its type needs, or names a lot that is not there.
    """
    portfolio, stated = state
    check_ledger(
        stated.transactions,
        stated.accounts,
        splits,
        base=portfolio.base_currency,
        method=CostMethod(portfolio.cost_method),
    )


def can_be_booked(state: State, splits: pl.DataFrame) -> bool:
    """Return whether the engine takes what is stated."""
    try:
        book(state, splits)
    except EngineError:
        return False
    return True


def known_splits(reader: Reader) -> pl.DataFrame:
    """Return the published splits as ``SPLIT_SCHEMA``; none before anything is published."""
    try:
        return reader.table(market.SPLIT_HISTORY).select(list(SPLIT_SCHEMA))
    except NoPublicationError:
        return pl.DataFrame(schema=SPLIT_SCHEMA)
