"""Income: received, expected, projected.

Belongs here: the income section. Does not: which dividends are due (`dividends`).
"""

import datetime as dt

from pipelines.portfolio.models.rows import Rows
from pipelines.portfolio.models.values import Exact, Model, Money, Quantity, Rate, Ratio


class IncomeReceived(Model):
    """A payment of the ledger; ``cost_base`` is what all units of its symbol had cost when it was paid."""

    transaction_id: str
    date: dt.date
    account: str
    symbol: str | None
    type: str
    currency: str
    gross_local: Money
    gross_base: Money
    fee_base: Money
    tax_base: Money
    net_base: Money
    cost_base: Money = None


class IncomeDue(Model):
    """What a declared dividend pays on the units of one account, at the rate of its ex-date (of today, if to come)."""

    symbol: str
    account: str
    ex_date: dt.date
    pay_date: dt.date | None
    quantity: Quantity
    amount_per_share: Exact
    currency: str
    gross_local: Exact
    gross_base: Money
    fx_rate: Rate = None


class IncomeExpected(IncomeDue):
    """A dividend that is due and that neither a decision nor a dividend of the ledger confirms; in no total."""

    state: str


class IncomeProjected(IncomeDue):
    """A dividend of the next twelve months: ``declared``, or ``projected`` from the last year's, growth 0."""

    basis: str


class IncomeMonth(Model):
    """Income of a calendar month, base currency."""

    month: str
    gross_base: Money
    tax_base: Money
    net_base: Money


class IncomeSymbol(Model):
    """Income of a symbol and its yields.

    ``gross_base`` is that of the period, as in the totals. What the symbol pays a year (events, periodicity, yields) is
    of all its dividends up to the valuation date, whenever the period begins; costs are those that the view counts.
    """

    symbol: str
    gross_base: Money
    events: int
    periodicity: str | None
    yield_on_cost: Ratio
    trailing_yield: Ratio
    forward_yield: Ratio
    average_annual_yield: Ratio


class IncomeTotals(Model):
    """Income of the whole period, base currency; what is expected or projected stands apart."""

    gross_base: Money
    fee_base: Money
    tax_base: Money
    net_base: Money
    expected_base: Money
    projected_base: Money


class Income(Model):
    """Received, expected and projected income.

    ``earlier`` is what was received before the period: in no total, but counted where a year or a symbol is looked at.
    """

    received: Rows[IncomeReceived]
    earlier: Rows[IncomeReceived] = Rows.of(IncomeReceived)
    expected: Rows[IncomeExpected]
    projected: Rows[IncomeProjected]
    by_month: list[IncomeMonth]
    by_symbol: list[IncomeSymbol]
    totals: IncomeTotals
