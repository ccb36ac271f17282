"""What an explanation is: a figure, how it was made, and of what.

Belongs here: the tree and the check that every node of it adds up. Does not: which figure is made of what.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field

from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.models import Exact, Model
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR

Value = Exact | float | str | None
TOLERANCE = 1e-9
MONEY_TOLERANCE = Decimal("1e-8")


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
    CHAIN = "chain"
    XIRR = "xirr"


def plain_value(value: object) -> Value:
    """Return a figure as an explanation shows it: numbers as they are, all else as text."""
    return value if isinstance(value, Decimal | float | None) else str(value)


class Explanation(Model):
    """A figure and what it was made of.

    A ``row`` is where it ends: ``source`` names the table, ``data`` what is in the row. In a ``sum`` each part counts
    with its ``sign``; a ``product`` is that of its parts, a ``quotient`` the first by the second, a ``chain`` the
    product of one and each part, less one; an ``xirr`` is the rate at which its dated parts are worth nothing.
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


def faults(tree: Explanation) -> list[str]:
    """Return the figures of a tree that their parts do not add up to; figures that are not known are left out."""
    return [node.figure for node in tree.walk() if node.parts and not _adds_up(node)]


def _adds_up(node: Explanation) -> bool:
    values = [part.value for part in node.parts]
    if node.value is None or any(value is None or isinstance(value, str) for value in values):
        return True
    if node.operation is Operation.XIRR:
        return _is_root(node)
    made = _MADE[node.operation](node.parts)
    return made is not None and _is_near(node.value, made, len(values))


def _is_near(stated: Value, made: Decimal | float, parts: int) -> bool:
    if isinstance(stated, Decimal) and isinstance(made, Decimal):
        return abs(stated - made) <= MONEY_TOLERANCE * parts + abs(stated) * Decimal(TOLERANCE)
    return math.isclose(float(stated or 0), float(made), rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _number(part: Explanation) -> Decimal | float:
    return part.value if isinstance(part.value, Decimal | float) else Decimal(0)


def _sum(parts: Sequence[Explanation]) -> Decimal | float:
    if all(isinstance(part.value, Decimal) for part in parts):
        return sum((part.sign * Decimal(_number(part)) for part in parts), start=Decimal(0))
    return math.fsum(part.sign * float(_number(part)) for part in parts)


def _product(parts: Sequence[Explanation]) -> Decimal | float:
    if all(isinstance(part.value, Decimal) for part in parts):
        return math.prod((Decimal(_number(part)) for part in parts), start=Decimal(1))
    return math.prod(float(_number(part)) for part in parts)


def _quotient(parts: Sequence[Explanation]) -> float | None:
    above, below = (float(_number(part)) for part in parts)
    return above / below if below else None


def _chain(parts: Sequence[Explanation]) -> float:
    return math.prod(1 + float(_number(part)) for part in parts) - 1


def _is_root(node: Explanation) -> bool:
    """Return whether the flows are worth nothing at the rate, or change sign within what a float can tell of it."""
    flows = [(dt.date.fromisoformat(part.data["date"]), float(_number(part))) for part in node.parts]
    start, rate = min(day for day, _ in flows), float(node.value or 0)
    timed = [((day - start).days / DAYS_A_YEAR, amount) for day, amount in flows]
    if 1 + rate < TOLERANCE:
        return True  # all but everything was lost in days: too near to -1 for a float to tell
    step = TOLERANCE * (1 + rate)
    low, here, high = (_worths(timed, at) for at in (rate - step, rate, rate + step))
    return abs(math.fsum(here)) <= 1e-6 * math.fsum(map(abs, here)) or math.fsum(low) * math.fsum(high) <= 0


def _worths(flows: Sequence[tuple[float, float]], rate: float) -> list[float]:
    return [amount * (1 + rate) ** -years for years, amount in flows]


_MADE: dict[Operation, Callable[[Sequence[Explanation]], Decimal | float | None]] = {
    Operation.SUM: _sum,
    Operation.PRODUCT: _product,
    Operation.QUOTIENT: _quotient,
    Operation.CHAIN: _chain,
}
