"""A view that was stored by sections and is read back section by section, each when it is first looked at.

Belongs here: turning the stored JSON into the document's models. Does not: storing (`marts`), reading from anywhere.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import PrivateAttr

from pipelines.portfolio.models import SECTIONS, CompleteView, Heading, section_adapter

LONG = ("realized_gains", "trades", "income")
"""Sections of many thousand rows, which few pages show."""


class Texts(dict[str, str]):
    """Sections as JSON, by name; one that is not among them is read when somebody looks at it.

    Args:
        found: Those that are there.
        read: Returns one of the others.
    """

    def __init__(self, found: Mapping[str, str], read: Callable[[str], str]) -> None:
        super().__init__(found)
        self._read = read

    def __missing__(self, name: str) -> str:
        """Read one of the others."""
        text = self[name] = self._read(name)
        return text


class StoredView(CompleteView):
    """A complete view whose long sections cost nothing until somebody looks at them."""

    _texts: Mapping[str, str] = PrivateAttr()

    @classmethod
    def of(cls, texts: Mapping[str, str], *, publication_id: str) -> "StoredView":
        """Return the view of stored sections, ``top`` among them, as part of a publication.

        Raises:
            pydantic.ValidationError: If the top is not what `marts` stores; of a section, when it is looked at.
        """
        top = Heading.model_validate_json(texts["top"])
        origin = top.provenance.model_copy(update={"publication_id": publication_id})
        view = cls.built(**{**dict(top), "provenance": origin}, journal=None)
        object.__setattr__(view, "__pydantic_private__", {"_texts": texts})
        return view

    def __getattr__(self, name: str) -> Any:
        """Read a section that nobody has looked at yet."""
        if name not in SECTIONS:
            return super().__getattr__(name)  # type: ignore[misc]
        value = section_adapter(name).validate_json(self._texts[name])
        self.__dict__[name] = value
        return value

    def whole(self) -> CompleteView:
        """Return the same with every section read."""
        return CompleteView.built(**{name: getattr(self, name) for name in CompleteView.model_fields})

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """Return all of it as a dictionary."""
        return self.whole().model_dump(**options)

    def model_dump_json(self, **options: Any) -> str:
        """Return all of it as JSON."""
        return self.whole().model_dump_json(**options)
