"""What can go wrong in the warehouse, each error with its data.

Belongs here: every error of the files that DuckDB holds. Does not: exit codes, the ledger's errors.
"""

from pathlib import Path
from shlex import quote


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
    """Nothing has been published yet, or not under that name."""

    def __init__(self, home: Path, publication_id: str | None = None) -> None:
        what = f"no publication {publication_id}" if publication_id else "no publication"
        super().__init__(f"{what} in {home}: run `folio refresh` first")
        self.home = home
        self.publication_id = publication_id


class VanishedPublicationError(WarehouseError):
    """The file that was published last is no more where it was."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"what was published is no more at {path}: bring it back there from a copy, or run `folio refresh`, which "
            "fetches everything anew"
        )
        self.path = path


class BrokenPublicationError(WarehouseError):
    """A published file cannot be opened or read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path} cannot be read ({problem}): point warehouse.duckdb at an earlier file beside it, or delete it and "
            "run `folio refresh`, which fetches everything anew"
        )
        self.path = path
        self.problem = problem


class ChangedPublicationError(WarehouseError):
    """A published file is no longer what was published, so nothing is built on it.

    Args:
        path: The file.
        link: The symlink that names the last publication.
        earlier: An earlier publication that is as it was published; None where there is none.
    """

    def __init__(self, path: Path, link: Path, earlier: Path | None) -> None:
        place = quote(str(link))
        if earlier is None:
            cure = f"`rm {place}` and `folio refresh`, which fetches everything anew"
        else:
            target = quote(f"{earlier.parent.name}/{earlier.name}")
            cure = f"`ln -sfn {target} {place}`, which goes back to the one before, and `folio refresh`"
        super().__init__(f"{path} was changed after it was published, and no run builds on it: {cure}")
        self.path = path
        self.link = link
        self.earlier = earlier


class OtherVersionError(WarehouseError):
    """A publication does not have a table or column that this version of Folioduck reads."""

    def __init__(self, publication_id: str, problem: str) -> None:
        super().__init__(
            f"publication {publication_id} was made by another version of Folioduck ({problem}); `folio refresh` makes "
            "one by this version"
        )
        self.publication_id = publication_id
        self.problem = problem


class HeldPublicationError(WarehouseError):
    """Another program has a published file open for writing, which a publication never is."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"another program has {path} open for writing; close it there and try again ({problem})")
        self.path = path
        self.problem = problem


class NoPortfolioError(WarehouseError):
    """A publication does not have a portfolio, or no view of it."""

    def __init__(self, portfolio_id: str, publication_id: str) -> None:
        super().__init__(f"publication {publication_id} has no view of portfolio {portfolio_id}")
        self.portfolio_id = portfolio_id
        self.publication_id = publication_id


class RefusedQueryError(WarehouseError):
    """What was typed is not one query that reads, so it is not run; the message says what it is."""


class UnknownTableError(WarehouseError):
    """A table is not declared."""

    def __init__(self, table: str) -> None:
        super().__init__(f"no table is called {table!r}")
        self.table = table


class CandidateClosedError(WarehouseError):
    """A candidate was used after it was published or dropped."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"the candidate of run {run_id} is closed")
        self.run_id = run_id
