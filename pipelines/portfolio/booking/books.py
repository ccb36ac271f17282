"""What booking leaves behind: open lots, disposals, cash, flows, income and sums.

Belongs here: these records, and the books of some accounts alone. Does not: how they come about.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from msgspec import Struct

from pipelines.portfolio.exact import Amount, Ratio, Units, minus, plus
from pipelines.portfolio.fx import inverse, times
from pipelines.portfolio.lots import Costs, Lot
from pipelines.portfolio.models import Warning_
from pipelines.portfolio.transactions import Transaction

Key = tuple[str, str]  # account, symbol; the symbol of rows that name none is ""
NO_SYMBOL = ""


@dataclass(slots=True, frozen=True)
class AccountRules:
    """What an account allows: its currency, whether its cash is kept, whether it may be short."""

    currency: str
    tracks_cash: bool
    allow_short: bool


class Split(Struct, frozen=True, gc=False):
    """A split of the market, in force from the open of its day."""

    symbol: str
    date: dt.date
    new: int
    old: int


class Money(Struct, frozen=True, gc=False):
    """The legs of one transaction in the instrument's and in the base currency."""

    amount: Costs
    to_local: Ratio | None
    to_base: Ratio | None
    fee: Amount
    tax: Amount

    @property
    def local_to_base(self) -> Ratio | None:
        """Return what one of the instrument's currency was worth in this transaction."""
        if self.to_local is not None and self.to_local.num == self.to_local.den:
            return self.to_base
        return times(inverse(self.to_local), self.to_base)


class Realized(Struct, frozen=True, gc=False):
    """What a disposal made of one lot; of a short the cost is the cover's and the proceeds the opening's."""

    key: Key
    bought_on: dt.date
    sold_on: dt.date
    units: Units
    cost: Costs
    proceeds: Costs
    rate: Ratio | None
    buy_id: str
    sell_id: str
    closing_id: str
    short: bool


class Flow(Struct, frozen=True, gc=False):
    """Money across the border of the view on a day, base currency; in from outside is positive.

    ``tax`` is the tax within it. A ``leg`` is cash of an account that keeps none: legs are netted per account and day.
    """

    date: dt.date
    account: str
    amount: Amount
    tax: Amount = 0
    leg: bool = False


class Passage(Struct, frozen=True, gc=False):
    """Lots or cash that came to an account (or went from it, then negative): market value and cost before charges.

    A ``leg`` is cash of an account that keeps none, as of a `Flow`.
    """

    date: dt.date
    account: str
    value: Amount
    cost: Amount
    leg: bool = False

    @property
    def carried_gain(self) -> Amount:
        """Return what the cost exceeds the market value by: a gain made elsewhere counts against the account."""
        return minus(self.cost, self.value)


class CashStep(Struct, frozen=True, gc=False):
    """A change of an account's cash, after and before tax, in its own currency."""

    date: dt.date
    account: str
    currency: str
    amount: int
    before_tax: int


class Income(Struct, frozen=True, gc=False):
    """A dividend, interest, or a charge of it (then negative)."""

    transaction: Transaction
    gross_local: int
    gross: Amount
    fee: Amount
    tax: Amount
    cost: Amount  # of all units of the symbol when it was paid, base currency


@dataclass(slots=True)
class Tally:
    """Sums of one holding (or of rows without a symbol), base currency unless said otherwise; None where not known.

    ``moved_in`` and ``moved_out`` are cost that came or went with lots: purchases here and proceeds there, but neither
    in a total that holds both sides; ``crossed_in`` and ``crossed_out`` are what of it came from or went to another
    account, which counts in the view of one.
    """

    purchases: Amount = 0
    proceeds: Amount = 0
    purchases_local: Amount = 0
    proceeds_local: Amount = 0
    moved_in: Amount = 0
    moved_out: Amount = 0
    crossed_in: Amount = 0
    crossed_out: Amount = 0
    income: Amount = 0
    fees: Amount = 0
    taxes: Amount = 0

    def bought(self, money: Costs) -> None:
        """Add a purchase."""
        self.purchases = plus(self.purchases, money.base)
        self.purchases_local = plus(self.purchases_local, money.local)

    def sold(self, money: Costs) -> None:
        """Add proceeds."""
        self.proceeds = plus(self.proceeds, money.base)
        self.proceeds_local = plus(self.proceeds_local, money.local)

    def received(self, base: Amount, local: Amount, *, crosses: bool) -> None:
        """Add cost that came with lots, from another account where it ``crosses``."""
        self.moved_in = plus(self.moved_in, base)
        self.crossed_in = plus(self.crossed_in, base if crosses else 0)
        self.purchases_local = plus(self.purchases_local, local)

    def gave(self, base: Amount, local: Amount, *, crosses: bool) -> None:
        """Add cost that went with lots, to another account where it ``crosses``."""
        self.moved_out = plus(self.moved_out, base)
        self.crossed_out = plus(self.crossed_out, base if crosses else 0)
        self.proceeds_local = plus(self.proceeds_local, local)

    def charged(self, fee: Amount, tax: Amount) -> None:
        """Add fee and tax."""
        if fee != 0:
            self.fees = plus(self.fees, fee)
        if tax != 0:
            self.taxes = plus(self.taxes, tax)

    @property
    def all_purchases(self) -> Amount:
        """Return purchases with the cost that came with lots: what the holding itself counts."""
        return plus(self.purchases, self.moved_in)

    @property
    def all_proceeds(self) -> Amount:
        """Return proceeds with the cost that went with lots."""
        return plus(self.proceeds, self.moved_out)


class Entry(Struct, frozen=True, gc=False):
    """A transaction as it was booked: its money, and the flows and cash it moved."""

    transaction: Transaction
    money: Money | None
    flows: tuple[Flow, ...]
    cash: tuple[CashStep, ...]


def _tallies() -> dict[Key, Tally]:
    return defaultdict(Tally)


@dataclass(slots=True)
class Books:
    """Everything that the transactions up to a day amount to."""

    lots: dict[Key, list[Lot]] = field(default_factory=lambda: defaultdict(list))
    realized: list[Realized] = field(default_factory=list)
    steps: dict[Key, list[tuple[dt.date, int]]] = field(default_factory=lambda: defaultdict(list))
    cash: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    cash_steps: list[CashStep] = field(default_factory=list)
    cash_accounted: dict[str, Amount] = field(default_factory=lambda: defaultdict(int))
    flows: list[Flow] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    holding_flows: dict[Key, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    tallies: dict[Key, Tally] = field(default_factory=_tallies)
    income: list[Income] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    unnamed: list[Transaction] = field(default_factory=list)
    """Disposals by specific lots that name none, where there was a choice."""
    is_one_account: bool = False

    def restart(self) -> None:
        """Forget what was gained and what flowed; lots, steps and cash stay."""
        self.realized, self.flows, self.passages, self.income, self.entries = [], [], [], [], []
        self.tallies, self.holding_flows = _tallies(), defaultdict(list)
        self.cash_accounted = defaultdict(int)

    def whole(self) -> Tally:
        """Return the sums over all holdings and rows without a symbol; what moved between them cancels out."""
        result = Tally()
        for tally in self.tallies.values():
            result.purchases = plus(result.purchases, tally.purchases)
            result.proceeds = plus(result.proceeds, tally.proceeds)
            if self.is_one_account:
                result.purchases = plus(result.purchases, tally.crossed_in)
                result.proceeds = plus(result.proceeds, tally.crossed_out)
            result.income = plus(result.income, tally.income)
            result.charged(tally.fees, tally.taxes)
        return result


def of_account(books: Books, account: str) -> Books:
    """Return the books of one account; what comes from or goes to others is a flow at market value (CALCULATIONS 1)."""

    def inside(key: Key) -> bool:
        return key[0] == account

    own = Books(
        lots=defaultdict(list, {key: lots for key, lots in books.lots.items() if inside(key)}),
        realized=[row for row in books.realized if inside(row.key)],
        steps=defaultdict(list, {key: steps for key, steps in books.steps.items() if inside(key)}),
        cash=defaultdict(int, {key: amount for key, amount in books.cash.items() if inside(key)}),
        cash_steps=[step for step in books.cash_steps if step.account == account],
        flows=[flow for flow in books.flows if flow.account == account],
        passages=[row for row in books.passages if row.account == account],
        holding_flows=defaultdict(list, {key: rows for key, rows in books.holding_flows.items() if inside(key)}),
        income=[row for row in books.income if row.transaction.account == account],
        warnings=books.warnings,
        unnamed=[item for item in books.unnamed if item.account == account],
        entries=[row for row in books.entries if account in {row.transaction.account, row.transaction.to_account}],
        is_one_account=True,
    )
    own.tallies.update({key: tally for key, tally in books.tallies.items() if inside(key)})
    own.cash_accounted[account] = books.cash_accounted[account]
    own.flows += [Flow(row.date, account, row.value, leg=row.leg) for row in own.passages]
    return own
