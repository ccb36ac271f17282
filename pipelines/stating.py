"""What people state, taken only if the engine can book it.

Belongs here: the check that a change of a ledger must pass, whoever makes it. Does not: storing (`warehouse.ledger`),
files (`importing`), figures.
"""

import polars as pl

from pipelines.portfolio.checks import check_ledger
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.frames import SPLIT_SCHEMA
from pipelines.portfolio.models import CostMethod
from warehouse.errors import NoPublicationError
from warehouse.ledger import LedgerRepository, State
from warehouse.reader import Reader
from warehouse.schema import market


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
