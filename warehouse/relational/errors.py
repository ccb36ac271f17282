"""What can go wrong below the repositories, each error with its data.

Belongs here: errors of values and versions that the ledger and the record of what happened share. Does not: theirs.
"""

from warehouse.errors import WarehouseError


class RelationalError(WarehouseError):
    """Any failure below a repository that a caller may want to handle."""


class InexactValueError(RelationalError):
    """A decimal column was given a float, a number it cannot hold exactly, or no number at all."""

    def __init__(self, value: object, expected: str) -> None:
        super().__init__(f"{value!r} is not {expected}")
        self.value = value
        self.expected = expected


class NaiveTimestampError(RelationalError):
    """A point in time was given without its zone."""

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} has no time zone; a recorded time needs one")
        self.value = value


class NewerDatabaseError(RelationalError):
    """A database was written by a newer Folioduck."""

    def __init__(self, version: str, head: str) -> None:
        super().__init__(f"the database is at version {version}, this Folioduck knows up to {head}: update Folioduck")
        self.version = version
        self.head = head


class DatabaseBusyError(RelationalError):
    """Others kept writing for longer than a writer waits."""

    def __init__(self, database: str, waited_seconds: float) -> None:
        super().__init__(f"{database} is being written by others (waited {waited_seconds:g} s); try again")
        self.database = database
        self.waited_seconds = waited_seconds


class UnsupportedDatabaseError(RelationalError):
    """A URL names a database that is neither a SQLite file nor PostgreSQL."""

    def __init__(self, dialect: str) -> None:
        super().__init__(f"{dialect} is not supported: give sqlite:///PATH or postgresql+DRIVER://…")
        self.dialect = dialect
