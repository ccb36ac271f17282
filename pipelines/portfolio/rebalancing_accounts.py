"""Which account a proposed trade falls on (CALCULATIONS 9).

Belongs here: placing purchases where there is cash for them. Does not: how much is traded (`rebalancing_plan`).
Money is integers of 1e-8 of the base currency, units of 1e-10.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipelines.portfolio.exact import scaled
from pipelines.portfolio.rebalancing_held import Line
from pipelines.portfolio.rebalancing_plan import Case, Plan, Terms


class Order(NamedTuple):
    """A trade of one account, negative of a sale; the fee comes on top of a purchase and off a sale."""

    line: Line
    account: str | None
    units: int
    amount: int
    fee: int


class Budgets:
    """What each account can spend: its cash with its sales, and money put in, which may go to any of them."""

    def __init__(self, cash: Mapping[str | None, int], put_in: int) -> None:
        self._left: dict[str | None, int] = defaultdict(int, cash)
        self._free = max(0, put_in)

    def spend(self, account: str | None, amount: int) -> None:
        """Take an amount (give it back: negative) out of an account, and what it lacks out of the money put in."""
        self._left[account] -= amount
        if self._left[account] < 0 and self._free:
            moved = min(self._free, -self._left[account])
            self._free -= moved
            self._left[account] += moved

    def of(self, account: str | None) -> int:
        """Return what an account can spend."""
        return max(0, self._left[account]) + self._free

    def by_size(self) -> list[str | None]:
        """Return the accounts, that with most to spend first."""
        return sorted(self._left, key=lambda account: (-self._left[account], account or ""))

    def short(self) -> dict[str, int]:
        """Return what accounts lack."""
        return {account: -left for account, left in self._left.items() if account is not None and left < 0}


def orders_of(case: Case, plan: Plan) -> tuple[list[Order], Budgets]:
    """Return the orders of a plan by account, and what is left to spend.

    A sale takes the account that holds most and goes on in the next. A purchase joins the largest holding whose account
    can pay for it, else goes to the account with most to spend. Where none can pay alone it is shared among them, if
    trades cost nothing and no share is below the minimum; else it stays with the largest holding, which is short then.
    """
    budgets = Budgets(case.held.cash_by_account, case.cash - case.held.cash)
    orders = [
        Order(line, account, ordered, amount, fee)
        for index, (line, units) in enumerate(zip(case.lines, plan, strict=True))
        for (account, ordered), (amount, fee) in zip(
            line.orders(units, case.terms.step), case.amounts(index, units), strict=True
        )
    ]
    sales = [order for order in orders if order.units < 0]
    for order in sales:
        budgets.spend(order.account, order.amount + order.fee)
    bought = sorted(
        (order for order in orders if order.units > 0), key=lambda order: (-order.amount, order.line.symbol)
    )
    return [*sales, *(placed for order in bought for placed in _placed(order, budgets, case.terms))], budgets


def _placed(order: Order, budgets: Budgets, terms: Terms) -> list[Order]:
    held = [account for account, _ in order.line.places]
    accounts = [*held, *(account for account in budgets.by_size() if account not in held)]
    payer = next((account for account in accounts if budgets.of(account) >= order.amount + order.fee), None)
    if payer is None and not order.fee and (shares := _shares(order, accounts, budgets, terms)):
        placed: Sequence[Order] = shares
    else:
        placed = [order._replace(account=order.account if payer is None else payer)]
    for part in placed:
        budgets.spend(part.account, part.amount + part.fee)
    return list(placed)


def _shares(order: Order, accounts: Sequence[str | None], budgets: Budgets, terms: Terms) -> list[Order]:
    """Return a purchase shared among accounts, the last share with what rounding left; none where they cannot pay."""
    found = list(_cut(order, accounts, budgets, terms.step))
    left = order.units - sum(part.units for part in found)
    if left or any(part.amount < max(1, terms.minimum) for part in found):
        return []
    rest = order.amount - sum(part.amount for part in found[:-1])
    return [*found[:-1], found[-1]._replace(amount=rest)]


def _cut(order: Order, accounts: Sequence[str | None], budgets: Budgets, step: int) -> Iterator[Order]:
    left, worth = order.units, order.line.worth
    for account in accounts:
        can = budgets.of(account) * worth.den // worth.num // step * step if worth.num > 0 else 0
        units = min(left, can)
        if units > 0:
            yield order._replace(account=account, units=units, amount=scaled(units, worth))
            left -= units
