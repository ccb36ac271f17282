"""What an importer refuses.

Belongs here: the one error of all importers, with its data. Does not: the engine's and the ledger's errors.
"""

from pathlib import Path

_SHOWN = 80


class ImportFileError(Exception):
    """A file is refused, and nothing of it is taken.

    Args:
        file: The file.
        line: The line in the file, from 1, on which the record begins; None where the file as a whole is refused.
        column: The column's name; None where the record as a whole is refused.
        value: What is there; None where nothing is.
        expected: What should be there.
    """

    def __init__(self, *, file: Path, line: int | None, column: str | None, value: str | None, expected: str) -> None:
        # A header is as much a stranger's text as a cell.
        named = column if column is None or column.isprintable() else repr(column)
        where = [file.name, f"line {line}" if line else "", f"column {named}" if named else ""]
        found = "nothing" if value is None else repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
        super().__init__(
            f"{', '.join(part for part in where if part)}: found {found}; expected {expected}. Nothing was taken."
        )
        self.file = file
        self.line = line
        self.column = column
        self.value = value
        self.expected = expected


class UnfitRowError(ImportFileError):
    """A file is refused because a row of it does not go with the others or with what is there.

    Args:
        file: The file.
        line: The line of the row; None where it is about a row that is not in the file.
        column: The column at fault.
        value: What is there.
        said: Why it does not fit.
    """

    def __init__(self, *, file: Path, line: int | None, column: str | None, value: str | None, said: str) -> None:
        super().__init__(file=file, line=line, column=column, value=value, expected=said)
        found = "nothing" if value is None else repr(value)
        place = f", line {line}, column {column}: found {found}; " if line else " does not go with what is there: "
        self.args = (f"{file.name}{place}{said}",)
