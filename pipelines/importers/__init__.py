"""Files that people bring: read whole or not at all, exactly, with one clear error.

Belongs here: files → frames of the engine. Does not: storing them (`warehouse.ledger`), matching against what is held
(`pipelines.portfolio`), market data of providers (`pipelines.sources`).
"""

from pipelines.importers.errors import ImportFileError

__all__ = ["ImportFileError"]
