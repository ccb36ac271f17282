"""Files that a person has named on the command line.

Belongs here: saying that one is not there or cannot be read. Does not: what is in them (`pipelines.importers`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.cli.exits import CommandError, Exit


@contextmanager
def named_files() -> Iterator[None]:
    """Read the files that a person has named: one that cannot be read is wrong use, and the message says what to do.

    Raises:
        CommandError: If a file is not there, is a folder, or may not be read.
    """
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise
        raise CommandError(_said(error), Exit.USAGE) from error


def _said(error: OSError) -> str:
    name = error.filename
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return f"there is no file {name}: give the path of a file, from here or from /"
        case IsADirectoryError():
            return f"{name} is a folder: give the path of a file in it"
        case PermissionError():
            return f"{name} may not be read by you: allow it (chmod u+r) or copy it to where you may"
        case _:
            return f"{name} cannot be read: {error.strerror}"
