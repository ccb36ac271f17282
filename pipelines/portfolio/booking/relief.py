"""Cost that cash relieves lots of: how a return of capital is shared, and by how much it lowers what (CALCULATIONS 1).

Belongs here: the arithmetic. Does not: what is written to the books (`corporate`).
"""

from collections.abc import Sequence
from fractions import Fraction

from pipelines.portfolio.exact import Amount, Units, pro_rata
from pipelines.portfolio.lots import NO_COSTS, Costs, share, subtract


def divided(amount: Costs, weights: Sequence[Units]) -> list[Costs]:
    """Return the parts of an amount by weight; they sum to it."""
    whole: Units = sum(weights, start=0)
    reached: Units = 0
    given, parts = NO_COSTS, []
    for weight in weights:
        reached += weight
        upto = share(amount, reached, whole)
        parts.append(subtract(upto, given))
        given = upto
    return parts


def lowered(cost: Costs, by: Amount) -> Costs:
    """Return what a return of capital takes of a lot's cost (CALCULATIONS 1).

    Each local figure, with charges and without, is lowered by the amount and no further than to zero; its base figure
    in proportion. What the amount exceeds a figure by is for the gain.

    Args:
        cost: Of the lot; a figure that is not known is left as it is, and so is that of a short.
        by: The lot's part of the gross amount, instrument's currency, 1e-8.
    """
    local, base = _lowered(cost.local, cost.base, by)
    bare, base_bare = _lowered(cost.local_excluding, cost.base_excluding, by)
    return Costs(local, base, bare, base_bare)


def _lowered(local: Amount, base: Amount, by: Amount) -> tuple[Amount, Amount]:
    if local is None or by is None or local <= 0:
        return 0, 0
    if local <= by:
        return local, base
    return by, None if base is None else pro_rata(base, by, local)


def fraction_of(costs: Costs, part: Fraction | None) -> Costs:
    """Return a part of a cost; an unknown part of a known cost is not taken."""
    if part is None:
        return NO_COSTS
    return costs.mapped(lambda cost: pro_rata(cost, part.numerator, part.denominator))
