"""The ledger: what people state, in SQLite or PostgreSQL, with its audit trail.

Belongs here: tables, migrations, the repository, events. Does not: reading files (`pipelines.importers`), any
calculation (`pipelines.portfolio`).
"""

from warehouse.ledger.decisions import DueDividend
from warehouse.ledger.describing import DESCRIBES
from warehouse.ledger.errors import (
    AcceptedAlreadyError,
    ChangedMeanwhileError,
    DuplicateExternalIdError,
    DuplicateNameError,
    InvalidValueError,
    LedgerError,
    NotFoundError,
    NothingToUndoError,
    StaleVersionError,
    WrongKindError,
)
from warehouse.ledger.known import settings_as_known
from warehouse.ledger.ledger import Ledger
from warehouse.ledger.records import (
    Account,
    Alert,
    Import,
    ImportResult,
    Kind,
    LastChange,
    LedgerEvent,
    Portfolio,
    State,
    Stated,
    Watched,
)
from warehouse.ledger.repository import LedgerRepository
from warehouse.ledger.watchlist import ALERT_KINDS, Watchlist

__all__ = [
    "ALERT_KINDS",
    "DESCRIBES",
    "AcceptedAlreadyError",
    "Account",
    "Alert",
    "ChangedMeanwhileError",
    "DueDividend",
    "DuplicateExternalIdError",
    "DuplicateNameError",
    "Import",
    "ImportResult",
    "InvalidValueError",
    "Kind",
    "LastChange",
    "Ledger",
    "LedgerError",
    "LedgerEvent",
    "LedgerRepository",
    "NotFoundError",
    "NothingToUndoError",
    "Portfolio",
    "StaleVersionError",
    "State",
    "Stated",
    "Watched",
    "Watchlist",
    "WrongKindError",
    "settings_as_known",
]
