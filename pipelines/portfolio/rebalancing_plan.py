"""How a rebalancing is planned: goals by class, and the trades towards them.

Belongs here: goals, sales, purchases, whole units, fees. Does not: what there is to trade (`rebalancing_held`), what is
asked and answered (`rebalancing`). Money is integers of 1e-8 of the base currency, units of 1e-10.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from pipelines.portfolio.allocation import CASH
from pipelines.portfolio.exact import Ratio, scaled
from pipelines.portfolio.rebalancing_held import Held

Plan = list[int]
"""The units of each line, positive bought and negative sold."""
SLACK = Fraction(1, 10**9)
"""By which targets that were rounded may add up to more than 1, or to less."""
_ROUNDS = {True: 2, False: 10}
"""Of estimating the fees anew, with whole units and without: a unit is coarser than what a third would move."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What trades have to respect; ``step`` is the least number of units."""

    step: int
    fee_fixed: int
    fee_rate: Fraction
    cash_only: bool
    tolerance: Fraction
    minimum: int


class Case:
    """One portfolio with its goals, and what plans make of it; money is integers of 1e-8 of the base currency."""

    def __init__(self, terms: Terms, held: Held, cash: int, weights: dict[str, Fraction]) -> None:
        self.terms, self.held, self.cash, self.weights = terms, held, cash, weights
        self.lines = held.lines
        self._floats = {key: float(weight) for key, weight in weights.items()}
        self.values = held.by_class()
        self.total = sum(self.values.values()) + cash
        self.none: Plan = [0] * len(self.lines)
        self._effects: dict[tuple[int, int], tuple[int, int]] = {}

    def amounts(self, line: int, units: int) -> list[tuple[int, int]]:
        """Return the amount of each order of a trade, negative of a sale, and its fee."""
        of, terms = self.lines[line], self.terms
        rate = Ratio(terms.fee_rate.numerator, terms.fee_rate.denominator)
        amounts = [scaled(ordered, of.worth) for _, ordered in of.orders(units, terms.step)]
        return [(amount, terms.fee_fixed + scaled(abs(amount), rate)) for amount in amounts]

    def effect(self, line: int, units: int) -> tuple[int, int]:
        """Return what a trade adds to the line's value, and its fees; asked often, so remembered."""
        known = self._effects.get((line, units))
        if known is None:
            orders = self.amounts(line, units)
            known = sum(amount for amount, _ in orders), sum(fee for _, fee in orders)
            self._effects[line, units] = known
        return known

    def after(self, plan: Plan) -> tuple[dict[str, int], int, int]:
        """Return the value of every class, the cash and the fees after a plan."""
        values, cash, fees = dict(self.values), self.cash, 0
        for line, units in enumerate(plan):
            if units:
                amount, fee = self.effect(line, units)
                values[self.lines[line].key] += amount
                cash, fees = cash - amount - fee, fees + fee
        return values, cash, fees

    def drift(self, plan: Plan) -> float:
        """Return the sum of all drifts after a plan, unsigned."""
        return self._drift(*self.after(plan))

    def _drift(self, values: dict[str, int], cash: int, fees: int) -> float:
        whole = self.total - fees
        if whole <= 0:
            return float("inf")
        shares = {**values, CASH: cash}
        return sum(abs(shares.get(key, 0) / whole - weight) for key, weight in self._floats.items())

    def cost(self, plan: Plan) -> float:
        """Return what is to be least: the drift after a plan, and its fees as a part of the total."""
        values, cash, fees = self.after(plan)
        return self._drift(values, cash, fees) + fees / self.total

    def best(self) -> Plan:
        """Return the plan that leaves no cash short and costs least; none where none lowers the drift by its fees."""
        plans, fees = [self.none], 0
        for _ in range(_ROUNDS[self.is_whole]):
            made = [_Planner(self, self.total - fees, up=up).plan() for up in (False, True)[: 1 + self.is_whole]]
            plans += made
            paid = self.after(made[0])[2]
            if paid == fees:
                break
            fees = paid
        return self._least([self.none, self.without_waste(self._least(plans))])

    def _least(self, plans: list[Plan]) -> Plan:
        return min(plans, key=lambda plan: (max(-self.after(plan)[1], 0), self.cost(plan)))

    @property
    def is_whole(self) -> bool:
        """Return whether only whole units are traded."""
        return self.terms.step > 1

    def without_waste(self, plan: Plan) -> Plan:
        """Leave out trades that cost more than they save; the smallest first."""
        if not self.after(plan)[2]:
            return plan
        kept, least = list(plan), self.cost(plan)
        for line in sorted(range(len(plan)), key=lambda line: abs(self.effect(line, plan[line])[0])):
            if kept[line]:
                fewer = [*kept[:line], 0, *kept[line + 1 :]]
                if self.after(fewer)[1] >= 0 and (cost := self.cost(fewer)) < least:
                    kept, least = fewer, cost
        return kept


class _Planner:
    """Makes a plan for a total that is left after fees; sales of whole units are cut towards zero, or rounded up."""

    def __init__(self, case: Case, whole: int, *, up: bool) -> None:
        self._more = case.terms.step - 1 if up else 0
        self._case, self._terms, self._lines = case, case.terms, case.lines
        self._goals = {key: round(weight * whole) for key, weight in case.weights.items()}
        band = case.terms.tolerance * case.total
        off = {key: abs(case.values.get(key, 0) - weight * case.total) for key, weight in case.weights.items()}
        self._free = {key for key, distance in off.items() if distance > band}
        self._least_cash = max(0, self._goals[CASH] - round(band))
        self._line_goals = self._by_line()
        self._plan = list(case.none)
        self._cash = case.cash
        self._values = dict(case.values)

    def _by_line(self) -> list[int]:
        """Return the goal of each line: its class's, less what cannot be traded, by present value."""
        tradable: dict[str, int] = defaultdict(int)
        count: dict[str, int] = defaultdict(int)
        for line in self._lines:
            tradable[line.key] += line.value
            count[line.key] += 1
        goals = []
        for line in self._lines:
            goal = max(0, self._goals[line.key] - self._case.held.fixed.get(line.key, 0))
            part = Fraction(line.value, tradable[line.key]) if tradable[line.key] else Fraction(1, count[line.key])
            goals.append(round(goal * part))
        return goals

    def plan(self) -> Plan:
        """Sell, raise what cash lacks, buy, and with whole units go on one move at a time."""
        wanted = {
            index: goal - line.value
            for index, (line, goal) in enumerate(zip(self._lines, self._line_goals, strict=True))
            if line.key in self._free
        }
        if not self._terms.cash_only:
            for index, difference in wanted.items():
                self._set_if_worth(index, -self._units(index, -difference, self._more))
            self._raise_cash()
        self._buy({index: difference for index, difference in wanted.items() if difference > 0})
        if self._case.is_whole:
            self._improve()
        return self._plan

    def _units(self, index: int, amount: int, more: int = 0) -> int:
        """Return the units that an amount is worth, with some more, cut to what can be traded; 0 of a negative one."""
        ratio, step = self._lines[index].worth, self._terms.step
        return (amount * ratio.den // ratio.num + more) // step * step if ratio.num > 0 and amount > 0 else 0

    def _set(self, index: int, units: int) -> None:
        before, after = (self._case.effect(index, number) for number in (self._plan[index], units))
        self._plan[index] = units
        self._values[self._lines[index].key] += after[0] - before[0]
        self._cash -= sum(after) - sum(before)

    def _set_if_worth(self, index: int, units: int) -> None:
        units = max(units, -self._lines[index].most(self._terms.step))
        if units and abs(self._case.effect(index, units)[0]) >= self._terms.minimum:
            self._set(index, units)

    def _excess(self, index: int) -> int:
        line = self._lines[index]
        return line.value + self._case.effect(index, self._plan[index])[0] - self._line_goals[index]

    def _raise_cash(self) -> None:
        """Sell what is furthest above its goal until cash is not short; here neither band nor minimum counts."""
        step = self._terms.step
        spent: set[int] = set()
        while self._cash < 0 and len(spent) < len(self._lines):
            index = max(set(range(len(self._lines))) - spent, key=lambda index: (self._excess(index), -index))
            left = self._lines[index].most(step) + self._plan[index]
            lacks = Fraction(-self._cash + self._terms.fee_fixed) / (1 - min(self._terms.fee_rate, Fraction(1, 2)))
            more = min(self._units(index, round(lacks)) + step, left)
            was = self._plan[index], self._cash
            if more > 0:
                self._set(index, was[0] - more)
            if self._cash <= was[1]:
                self._set(index, was[0])
                spent.add(index)

    def _buy(self, wanted: dict[int, int]) -> None:
        """Buy towards the goals, all in proportion where cash does not cover them; the smallest go first."""
        rate, left = 1 + self._terms.fee_rate, dict(wanted)
        while left:
            cover = Fraction(self._cash - self._least_cash - len(left) * self._terms.fee_fixed) / rate
            needed = sum(left.values())
            part = min(Fraction(1), cover / needed)
            smallest = min(left, key=lambda index: (left[index], index))
            if part > 0 and left[smallest] * part >= self._terms.minimum:
                break
            del left[smallest]
        for index, difference in left.items():
            self._set_if_worth(index, self._units(index, int(difference * part)))
        while self._cash < 0 and (bought := [index for index in left if self._plan[index] > 0]):
            # Each amount and each fee may have been rounded up.
            index = max(bought, key=lambda index: (left[index], -index))
            fewer = self._plan[index] - self._units(index, -self._cash) - self._terms.step
            self._set(index, 0)
            self._set_if_worth(index, max(0, fewer))

    def _improve(self) -> None:
        """Make the move that lowers the sum of absolute drift most, until none does."""
        while moves := [move for index in range(len(self._lines)) if (move := self._move(index)) is not None]:
            _, _, backwards, units = max(moves)
            self._set(-backwards, units)

    def _move(self, index: int) -> tuple[int, int, int, int] | None:
        """Return the next move of a line: what it saves of drift, and of the line's own, the line, and its units."""
        line, step = self._lines[index], self._terms.step
        gap, cash_gap = self._values[line.key] - self._goals[line.key], self._cash - self._goals[CASH]
        if line.key not in self._free or line.worth.num <= 0 or not gap:
            return None
        size = max(step, self._units(index, min(abs(gap), max(0, cash_gap if gap < 0 else -cash_gap))))
        units = self._plan[index] + (size if gap < 0 else -size)
        (had, had_fee), (has, has_fee) = (self._case.effect(index, number) for number in (self._plan[index], units))
        change, paid = has - had, has_fee - had_fee
        if not self._may(index, units, has, change + paid):
            return None
        saved = abs(gap) - abs(gap + change) + abs(cash_gap) - abs(cash_gap - change - paid)
        own = self._excess(index)
        return (saved, abs(own) - abs(own + change), -index, units) if saved > 0 else None

    def _may(self, index: int, units: int, amount: int, spent: int) -> bool:
        if units < (0 if self._terms.cash_only else -self._lines[index].most(self._terms.step)):
            return False
        if units and abs(amount) < self._terms.minimum:
            return False
        return spent <= 0 or self._cash - spent >= 0
