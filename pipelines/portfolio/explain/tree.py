"""What an explanation is: a figure, how it was made, and of what.

Belongs here: the tree, and how a node of each kind is written. Does not: which figure is made of what, whether a tree
adds up (`check`).
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field

from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.models import Exact, Model

Value = Exact | float | int | str | None


class UnknownFigureError(EngineError):
    """No figure of the view has that name."""

    def __init__(self, path: str, near: Sequence[str]) -> None:
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"the view has no figure {path!r}{hint}")
        self.path = path
        self.near = list(near)


class Operation(StrEnum):
    """How a figure was made of its parts."""

    ROW = "row"
    SUM = "sum"
    PRODUCT = "product"
    QUOTIENT = "quotient"
    CHANGE = "change"
    CHAIN = "chain"
    COMPOUND = "compound"
    MEAN = "mean"
    COUNT = "count"
    DAYS = "days"
    XIRR = "xirr"
    MEASURE = "measure"
    DAILY = "daily"


class Explanation(Model):
    """A figure and what it was made of.

    A ``row`` is where it ends: ``source`` names the table, ``data`` what is in the row. In a ``sum`` each part counts
    with its ``sign``; a ``product`` is that of its parts, a ``quotient`` the first by the second, a ``change`` it less
    one; a ``chain`` is the product of one and each part, less one, a ``compound`` one and the first part to the power
    of the second, less one; a ``mean`` and a ``count`` are those of its parts; ``days`` lie between its two dates; an
    ``xirr`` is the rate at which its dated parts are worth nothing; a ``measure`` is the function of that name in
    ``data`` (`measures`), of the parts as a series; ``daily`` is what came of its parts day by day, which they do not
    add up to: the document has no days of them.
    """

    figure: str
    value: Value
    unit: str | None = None
    operation: Operation = Operation.ROW
    sign: int = 1
    source: str | None = None
    note: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    parts: list["Explanation"] = Field(default_factory=list)

    def minus(self) -> "Explanation":
        """Return the same, to be taken away in a sum."""
        return self.model_copy(update={"sign": -1})

    def walk(self) -> Iterator["Explanation"]:
        """Yield this and all that is below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


_NOTHING = "there is nothing that it is made of"


def ended(figure: str, value: Value, **said: Any) -> Explanation:
    """Return a figure that is made of no other: its ``source`` or ``note`` says where it is from."""
    return Explanation(figure=figure, value=value, **said)


def made(operation: Operation, figure: str, value: Value, parts: Sequence[Explanation], **said: Any) -> Explanation:
    """Return a figure that is made of parts; without any it is where the explanation ends."""
    if parts:
        return Explanation(figure=figure, value=value, operation=operation, parts=list(parts), **said)
    return ended(figure, value, **said | {"note": said.get("note") or _NOTHING})


def summed(
    figure: str, value: Value, parts: Sequence[Explanation], unit: str | None, note: str | None = None
) -> Explanation:
    """Return an amount as the sum of its parts."""
    return made(Operation.SUM, figure, value, parts, unit=unit, note=note)


def with_rest(figure: str, value: Value, parts: Sequence[Explanation], unit: str | None, rest: str) -> Explanation:
    """Return an amount as the sum of its parts; what none of them brought is a part by the name of ``rest``."""
    amounts = [part.sign * part.value for part in parts if isinstance(part.value, Decimal)]
    if isinstance(value, Decimal) and len(amounts) == len(parts):
        left = value - sum(amounts, start=Decimal(0))
        if left:
            parts = [*parts, ended(rest, left, unit=unit)]
    return summed(figure, value, parts, unit)


def days_between(figure: str, value: int, first: Mapping[str, str], last: Mapping[str, str]) -> Explanation:
    """Return calendar days between two dates, each of one name: ``{"bought": "2020-01-02"}``."""
    parts = [ended(name, day) for dated in (first, last) for name, day in dated.items()]
    return made(Operation.DAYS, figure, value, parts)
