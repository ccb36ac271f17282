"""What the engine refuses, each error with its data.

Belongs here: every error of the engine. Does not: figures that cannot be known (they are null, with a warning).
"""

import datetime as dt
from decimal import Decimal


class EngineError(Exception):
    """Input that the engine refuses rather than guesses about."""


class FrameError(EngineError):
    """A frame is not what the engine takes.

    Args:
        frame: What it is called.
        column: The column at fault.
        found: What is there.
        expected: What should be.
        row: The row's number from 1 on; None if it is about the whole column.
    """

    def __init__(self, *, frame: str, column: str, found: object, expected: str, row: int | None = None) -> None:
        where = f"row {row}, column {column}" if row is not None else f"column {column}"
        super().__init__(f"{frame}: {where}: found {found}; expected {expected}")
        self.frame = frame
        self.column = column
        self.found = found
        self.expected = expected
        self.row = row


class OversoldError(EngineError):
    """A disposal of more units than are held, in an account that may not be short."""

    def __init__(self, *, transaction_id: str, account: str, symbol: str, date: dt.date, shortfall: Decimal) -> None:
        more = f"{shortfall.normalize():f} more {symbol}"
        super().__init__(
            f"transaction {transaction_id}: {account} disposes of {more} on {date} than it holds; "
            "correct the quantity, add the missing purchase, or allow shorts for the account"
        )
        self.transaction_id = transaction_id
        self.account = account
        self.symbol = symbol
        self.date = date
        self.shortfall = shortfall


class InvalidTransactionError(EngineError):
    """A transaction lacks what its type needs, or names what does not exist."""

    def __init__(self, *, transaction_id: str, column: str, value: object, expected: str) -> None:
        super().__init__(f"transaction {transaction_id}: {column} is {value!r}; expected {expected}")
        self.transaction_id = transaction_id
        self.column = column
        self.value = value
        self.expected = expected


class UnknownAccountError(EngineError):
    """The account that is asked for does not occur in the ledger."""

    def __init__(self, account: str, known: list[str]) -> None:
        super().__init__(f"no account {account!r}; there are {', '.join(known) or 'none'}")
        self.account = account
        self.known = known


class EmptyPeriodError(EngineError):
    """The period opens on or after the valuation date."""

    def __init__(self, since: dt.date, as_of: dt.date) -> None:
        super().__init__(f"the period opens on {since}, which is not before the valuation date {as_of}")
        self.since = since
        self.as_of = as_of


class NoPriceError(EngineError):
    """A price is needed and there is none."""

    def __init__(self, *, symbol: str, date: dt.date) -> None:
        super().__init__(f"no price of {symbol} on or before {date}; give one")
        self.symbol = symbol
        self.date = date


class UnknownSectionError(EngineError):
    """A name is no section of the complete view."""

    def __init__(self, section: str) -> None:
        super().__init__(f"the complete view has no section {section!r}")
        self.section = section
