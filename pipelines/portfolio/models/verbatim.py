"""JSON that is there already, within JSON that is being written.

Belongs here: the mark that a long list leaves while its document is written, and the list's own text in its place.
Does not: either of the texts.

A document is written from Python's objects, one by one; the days of ten years are written from their columns in a
quarter of the time.
"""

from itertools import chain
from uuid import uuid4


class Verbatim:
    """Texts that take the place of the marks in a document, in the order in which they were kept; used once."""

    def __init__(self) -> None:
        self._mark = uuid4().hex
        self._texts: list[str] = []

    def keep(self, text: str) -> str:
        """Keep JSON, and return what is to be written in its place: a text that is nobody's."""
        self._texts.append(text)
        return self._mark

    def filled(self, written: str) -> str:
        """Return the document with every text in its place."""
        first, *others = written.split(f'"{self._mark}"')
        return "".join(chain([first], *zip(self._texts, others, strict=True)))
