"""Text that can be written down: providers cut names in the middle of a character.

Belongs here: what is left of a text, and of all texts of an answer. Does not: what they mean, who asks.
"""

from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any, TypeVar, cast

Said = TypeVar("Said")

DESCRIBES = {"describes": True}
"""Metadata of a field that an answer cannot do without and that names nothing, such as a headline."""


class UnwritableError(ValueError):
    """A text that must be exact holds half a character."""


def writable(said: Said) -> Said:
    """Return an answer whose texts can be written: JSON can hold halves of characters (surrogates), UTF-8 cannot.

    What only describes, such as a name or a headline, goes without them; nothing is left of a name that was nothing
    else. Frames are not looked into: no text of theirs can hold one.

    Raises:
        UnwritableError: If what an answer cannot do without holds one: without it, it would name something else.

    >>> writable("Acme " + chr(0xD83D))
    'Acme'
    """
    if isinstance(said, str):
        return cast("Said", _whole(said))
    if isinstance(said, tuple):
        return cast("Said", tuple(writable(one) for one in said))
    if is_dataclass(said) and not isinstance(said, type):
        return cast("Said", _of_fields(said))
    return said


def _of_fields(said: Any) -> Any:
    changed: dict[str, object] = {}
    for field in fields(said):
        told = getattr(said, field.name)
        left = writable(told)
        if left is told or left == told:
            continue
        if field.default is MISSING and isinstance(told, str) and not (left and field.metadata.get("describes")):
            raise UnwritableError(f"{field.name} holds half a character: {told!a}")
        changed[field.name] = field.default if left == "" else left
    return replace(said, **changed) if changed else said


def _whole(text: str) -> str:
    left = text.encode(errors="ignore").decode()
    return text if left == text else left.strip()
