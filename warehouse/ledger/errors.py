"""What the ledger refuses, each error with its data.

Belongs here: every error of the ledger. Does not: the engine's (`pipelines.portfolio.errors`), the importers'.
"""

from collections.abc import Sequence


class LedgerError(Exception):
    """Anything that the ledger refuses."""


class NotFoundError(LedgerError):
    """A thing does not exist, or is not the user's own."""

    def __init__(self, entity: str, name: str) -> None:
        super().__init__(f"there is no {entity} {name!r}")
        self.entity = entity
        self.name = name


class DuplicateNameError(LedgerError):
    """A portfolio of that name exists already, or of one that differs by case alone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a portfolio {name!r} already; names have to differ by more than case")
        self.name = name


class DuplicateExternalIdError(LedgerError):
    """A transaction has the number of another one, and other content."""

    def __init__(self, external_id: str, columns: tuple[str, ...], transaction_id: str | None = None) -> None:
        what = f"transaction {transaction_id}" if transaction_id else "another row"
        differing = f", with another {', '.join(columns)}" if columns else ""
        super().__init__(f"external id {external_id!r} belongs to {what} already{differing}; nothing was taken")
        self.external_id = external_id
        self.columns = columns
        self.transaction_id = transaction_id


class InvalidValueError(LedgerError):
    """A value is not what its column takes."""

    def __init__(self, column: str, value: object, expected: str) -> None:
        super().__init__(f"{column} is {value!r}; expected {expected}")
        self.column = column
        self.value = value
        self.expected = expected


class AcceptedAlreadyError(LedgerError):
    """Rows that were held back are accepted already."""

    def __init__(self, quarantine_ids: Sequence[int]) -> None:
        rows = ", ".join(map(str, quarantine_ids))
        super().__init__(f"accepted already, by now or before: {rows}")
        self.quarantine_ids = tuple(quarantine_ids)


class StaleVersionError(LedgerError):
    """A portfolio has changed since the caller looked at it."""

    def __init__(self, portfolio_id: str, expected: int, actual: int) -> None:
        super().__init__(f"portfolio {portfolio_id} is at version {actual}, not {expected}: somebody else changed it")
        self.portfolio_id = portfolio_id
        self.expected = expected
        self.actual = actual


class ChangedMeanwhileError(LedgerError):
    """A thing says otherwise than when the caller looked at it."""

    def __init__(self, entity: str, name: str, columns: tuple[str, ...]) -> None:
        super().__init__(
            f"somebody else has changed the {entity} {name!r} meanwhile ({', '.join(columns)}); nothing was saved"
        )
        self.entity = entity
        self.name = name
        self.columns = columns


class NothingToUndoError(LedgerError):
    """No change of a portfolio is left that can be taken back."""

    def __init__(self, portfolio_id: str) -> None:
        super().__init__(f"portfolio {portfolio_id} has no change that can be undone")
        self.portfolio_id = portfolio_id


class WrongKindError(LedgerError):
    """A ledger is marked as something else already."""

    def __init__(self, kind: str, asked: str) -> None:
        super().__init__(f"this ledger is marked {kind!r}; it cannot become {asked!r}")
        self.kind = kind
        self.asked = asked
