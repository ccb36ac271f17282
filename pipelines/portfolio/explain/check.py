"""Whether a tree adds up.

Belongs here: making every node of its parts again, within what their last decimals and a float can tell. Does not: the
tree itself (`tree`).
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from decimal import Decimal

from pipelines.portfolio.explain.measures import measured
from pipelines.portfolio.explain.tree import Explanation, Operation, Value
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR

TOLERANCE = 1e-9
MONEY_TOLERANCE = Decimal("1e-8")
Number = Decimal | float


def faults(tree: Explanation) -> list[str]:
    """Return the figures of a tree that their parts do not add up to; figures that are not known are left out."""
    return [node.figure for node in tree.walk() if node.parts and not _adds_up(node)]


def _adds_up(node: Explanation) -> bool:
    if node.value is None:
        return True
    other = _OTHERWISE.get(node.operation)
    if other is not None:
        return other(node)
    values = [part.value for part in node.parts]
    if any(value is None or isinstance(value, str) for value in values):
        return True
    made = _MADE[node.operation](node.parts)
    return made is not None and _is_near(node, made)


def _is_near(node: Explanation, made: Number) -> bool:
    if isinstance(node.value, Decimal) and isinstance(made, Decimal):
        return abs(node.value - made) <= _slack(node)
    # What cancels out in a sum leaves the rounding of its largest part.
    largest = max(abs(_float(part.value)) for part in node.parts) if node.operation is Operation.SUM else 1.0
    return math.isclose(_float(node.value), float(made), rel_tol=TOLERANCE, abs_tol=TOLERANCE * max(1.0, largest))


def _slack(node: Explanation) -> Decimal:
    """Return what the last decimals of exact parts leave open."""
    if node.operation is not Operation.PRODUCT:
        return MONEY_TOLERANCE * len(node.parts)
    values = [_exact(part) for part in node.parts]
    slack = MONEY_TOLERANCE
    for index, value in enumerate(values):
        others = math.prod((abs(other) for at, other in enumerate(values) if at != index), start=Decimal(1))
        slack += others * min(MONEY_TOLERANCE, Decimal(1).scaleb(int(value.as_tuple().exponent)))
    return slack


def _exact(part: Explanation) -> Decimal:
    return part.value if isinstance(part.value, Decimal) else Decimal(str(part.value))


def _float(value: Value) -> float:
    return float(value or 0)


def _are_exact(parts: Sequence[Explanation]) -> bool:
    return all(isinstance(part.value, Decimal) for part in parts)


def _sum(parts: Sequence[Explanation]) -> Number:
    if _are_exact(parts):
        return sum((part.sign * _exact(part) for part in parts), start=Decimal(0))
    return math.fsum(part.sign * _float(part.value) for part in parts)


def _product(parts: Sequence[Explanation]) -> Number:
    if _are_exact(parts):
        return math.prod((_exact(part) for part in parts), start=Decimal(1))
    return math.prod(_float(part.value) for part in parts)


def _quotient(parts: Sequence[Explanation]) -> float | None:
    above, below = (_float(part.value) for part in parts)
    return above / below if below else None


def _change(parts: Sequence[Explanation]) -> float | None:
    ratio = _quotient(parts)
    return None if ratio is None else ratio - 1


def _chain(parts: Sequence[Explanation]) -> float:
    return math.prod(1 + _float(part.value) for part in parts) - 1


def _compound(parts: Sequence[Explanation]) -> float:
    rate, power = (_float(part.value) for part in parts)
    return float((1 + rate) ** power - 1)


def _mean(parts: Sequence[Explanation]) -> float:
    return math.fsum(_float(part.value) for part in parts) / len(parts)


_MADE: dict[Operation, Callable[[Sequence[Explanation]], Number | None]] = {
    Operation.SUM: _sum,
    Operation.PRODUCT: _product,
    Operation.QUOTIENT: _quotient,
    Operation.CHANGE: _change,
    Operation.CHAIN: _chain,
    Operation.COMPOUND: _compound,
    Operation.MEAN: _mean,
}


def _is_count(node: Explanation) -> bool:
    return node.value == len(node.parts)


def _are_days(node: Explanation) -> bool:
    first, last = (dt.date.fromisoformat(str(part.value)) for part in node.parts)
    return (last - first).days == node.value


def _is_measured(node: Explanation) -> bool:
    found = measured(node)
    return found is not None and math.isclose(_float(node.value), found, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _is_root(node: Explanation) -> bool:
    """Return whether the flows are worth nothing at the rate, or change sign within what a float can tell of it."""
    if any(part.value is None for part in node.parts):
        return True
    flows = [(dt.date.fromisoformat(part.data["date"]), _float(part.value)) for part in node.parts]
    start, rate = min(day for day, _ in flows), _float(node.value)
    timed = [((day - start).days / DAYS_A_YEAR, amount) for day, amount in flows]
    if 1 + rate < TOLERANCE:
        return True  # all but everything was lost in days: too near to -1 for a float to tell
    step = TOLERANCE * (1 + rate)
    low, here, high = (_worths(timed, at) for at in (rate - step, rate, rate + step))
    return abs(math.fsum(here)) <= 1e-6 * math.fsum(map(abs, here)) or math.fsum(low) * math.fsum(high) <= 0


def _worths(flows: Sequence[tuple[float, float]], rate: float) -> list[float]:
    return [amount * (1 + rate) ** -years for years, amount in flows]


_OTHERWISE: dict[Operation, Callable[[Explanation], bool]] = {
    Operation.COUNT: _is_count,
    Operation.DAYS: _are_days,
    Operation.XIRR: _is_root,
    Operation.MEASURE: _is_measured,
    Operation.DAILY: lambda node: bool(node.parts),
}
