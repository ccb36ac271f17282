"""Why a file is refused.

Belongs here: the one error of importers. Does not: which rules there are.
"""

from pathlib import Path


class ImportFileError(Exception):
    """A file is refused, whole: it names the cell and what was expected there.

    Args:
        file: The file.
        line: Line of the file, from 1; None where it is the file as a whole.
        column: The column; None where it is the row or the file.
        value: What stands there.
        expected: What should.
    """

    def __init__(self, *, file: Path, line: int | None, column: str | None, value: object, expected: str) -> None:
        place = file.name + (f", line {line}" if line else "") + (f", column {column}" if column else "")
        super().__init__(f"{place}: {value!r}; expected {expected}. Nothing was taken.")
        self.file = file
        self.line = line
        self.column = column
        self.value = value
        self.expected = expected
