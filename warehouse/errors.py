"""What can go wrong in the warehouse, each error with its data.

Belongs here: every error the `warehouse` package raises. Does not: messages for people beyond one line, exit codes.
"""

from pathlib import Path


class WarehouseError(Exception):
    """Any failure of the warehouse that a caller may want to handle."""


class FrameMismatchError(WarehouseError):
    """A frame does not fit the declaration of its table."""

    def __init__(self, table: str, problem: str) -> None:
        super().__init__(f"{table}: {problem}")
        self.table = table
        self.problem = problem


class WarehouseBusyError(WarehouseError):
    """Another run holds the warehouse's lock."""

    def __init__(self, lock: Path, waited_seconds: float) -> None:
        super().__init__(f"another run holds {lock} (waited {waited_seconds:.0f} s); try again when it has ended")
        self.lock = lock
        self.waited_seconds = waited_seconds


class NoPublicationError(WarehouseError):
    """Nothing has been published yet."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"no publication in {home}: run `folio refresh` first")
        self.home = home


class UnknownTableError(WarehouseError):
    """A table is not declared."""

    def __init__(self, table: str) -> None:
        super().__init__(f"no table is called {table!r}")
        self.table = table
