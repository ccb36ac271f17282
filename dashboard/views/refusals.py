"""Why a change was not taken, in the words of whoever refuses it.

Belongs here: wording of errors. Does not: deciding (the importers, the engine, the ledger).
"""

from decimal import Decimal

from dashboard.views.transactions import TITLES
from dashboard.views.typed import TypedError
from pipelines.importers import ImportFileError
from pipelines.portfolio.errors import EngineError, InvalidTransactionError, OversoldError
from pipelines.stating import ENTRY
from warehouse.ledger import ChangedMeanwhileError, InvalidValueError, LedgerError, NotFoundError, StaleVersionError


def refusal(error: ImportFileError | EngineError | LedgerError | TypedError) -> str:
    """Return why something was not taken: the field, what was there and what was expected, where it is about one."""
    match error:
        case InvalidValueError():
            return _expected(error.column, error.value, error.expected)
        case ImportFileError(file=file, column=str(column)) if file == ENTRY:
            return _expected(column, error.value, error.expected)
        case ChangedMeanwhileError():
            changed = ", ".join(_title(name) for name in error.columns)
            text = f"somebody else has changed this {error.entity} meanwhile ({changed}); nothing was saved"
        case NotFoundError():
            text = f"there is no such {error.entity}: somebody may have deleted it meanwhile; nothing was saved"
        case StaleVersionError():
            text = "somebody else has changed the portfolio meanwhile; look at it again, nothing was saved"
        case OversoldError() | InvalidTransactionError():
            said = str(error).removeprefix(f"transaction {error.transaction_id}: ")
            text = f"{said}; nothing was saved"
        case _:
            text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _expected(column: str, value: object, expected: str) -> str:
    found = "nothing" if value in {None, ""} else f"{value:f}" if isinstance(value, Decimal) else repr(value)
    return f"{_title(column)}: found {found}; expected {expected}."


def _title(column: str) -> str:
    return TITLES.get(column) or column.replace("_", " ").capitalize()
