"""The ledger: what people state, in SQLite or PostgreSQL, with its audit trail.

Belongs here: tables, migrations, the repository, events. Does not: reading files (`pipelines.importers`), any
calculation (`pipelines.portfolio`).
"""

from warehouse.ledger.decisions import DueDividend
from warehouse.ledger.errors import (
    DuplicateExternalIdError,
    DuplicateNameError,
    InvalidValueError,
    LedgerError,
    NotFoundError,
    StaleVersionError,
    WrongKindError,
)
from warehouse.ledger.known import settings_as_known
from warehouse.ledger.ledger import Ledger
from warehouse.ledger.records import Account, Alert, Import, ImportResult, Kind, LedgerEvent, Portfolio, Stated, Watched
from warehouse.ledger.repository import LedgerRepository
from warehouse.ledger.watchlist import ALERT_KINDS, Watchlist

__all__ = [
    "ALERT_KINDS",
    "Account",
    "Alert",
    "DueDividend",
    "DuplicateExternalIdError",
    "DuplicateNameError",
    "Import",
    "ImportResult",
    "InvalidValueError",
    "Kind",
    "Ledger",
    "LedgerError",
    "LedgerEvent",
    "LedgerRepository",
    "NotFoundError",
    "Portfolio",
    "StaleVersionError",
    "Stated",
    "Watched",
    "Watchlist",
    "WrongKindError",
    "settings_as_known",
]
