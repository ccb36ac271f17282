"""What is held, what was closed, and what each transaction moved.

Belongs here: rows about holdings, lots, disposals, trades, cash and the journal. Does not: time series (`performance`).
"""

import datetime as dt

from pydantic import ConfigDict, Field

from pipelines.portfolio.models.rows import Rows
from pipelines.portfolio.models.values import CostMethod, Exact, Model, Money, Quantity, Rate, Ratio, Status


class Lot(Model):
    """An open lot of a holding."""

    bought_on: dt.date
    quantity: Quantity
    cost_local: Money
    cost_base: Money
    days_held: int
    transaction_id: str


class Holding(Model):
    """What one account holds of one symbol, and what it did in the period."""

    symbol: str
    account: str
    name: str | None = None
    asset_class: str | None = None
    sector: str | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    exchange: str | None = None
    currency: str | None
    quantity: Quantity
    average_price: Money
    price: Money
    price_date: dt.date | None
    price_status: Status
    price_traded: Money = None
    """The price as it was traded, where a split has made it another since."""
    shares_then: Rate = None
    """How many shares of the day of that price one share is."""
    fx_rate: Rate
    fx_date: dt.date | None
    fx_status: Status
    cost_local: Money
    cost_base: Money
    cost_excluding_fees_and_taxes_base: Money
    value_local: Money
    value_base: Money
    unrealized_gain_local: Money
    unrealized_gain_base: Money
    price_effect_base: Money
    fx_effect_base: Money
    realized_gain_base: Money
    purchases_base: Money
    proceeds_base: Money
    income_base: Money
    fees_base: Money
    taxes_base: Money
    total_gain_base: Money
    gain_on_purchases: Ratio
    weight: Ratio
    twr: Ratio
    twr_before_tax: Ratio
    xirr: Ratio
    xirr_before_tax: Ratio
    lots: Rows[Lot]


class RealizedGain(Model):
    """One lot, or part of one, that a disposal closed; ``fx_rate`` is that of the instrument when it was closed."""

    symbol: str
    account: str
    bought_on: dt.date
    sold_on: dt.date
    quantity: Quantity
    cost_local: Money
    cost_base: Money
    proceeds_local: Money
    proceeds_base: Money
    gain_local: Money
    gain_base: Money
    gain_before_fees_taxes_base: Money
    price_effect_base: Money
    fx_effect_base: Money
    days_held: int
    term: str
    buy_id: str
    sell_id: str
    fx_rate: Rate = None


class SalePreview(Model):
    """What a sale that is thought of would close and gain under one method."""

    cost_method: CostMethod
    proceeds_base: Money
    cost_base: Money
    gain_base: Money
    short_term_gain_base: Money
    long_term_gain_base: Money
    remaining_cost_base: Money
    lots: Rows[RealizedGain]


class Trade(Model):
    """A closing transaction (``closing_id``) with what it closed, or what is still open."""

    symbol: str
    account: str
    side: str
    opened_on: dt.date
    closed_on: dt.date | None
    quantity: Quantity
    entry_base: Money
    exit_base: Money
    gain_base: Money
    gain_before_fees_taxes_base: Money
    return_: Ratio = Field(alias="return", default=None)
    xirr: Ratio
    days_held: int
    closing_id: str | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class CashBalance(Model):
    """Cash of one account in one currency."""

    account: str
    currency: str
    amount: Exact
    fx_rate: Rate
    fx_date: dt.date | None
    fx_status: Status
    value_base: Money


class JournalEntry(Model):
    """A transaction as it was booked: what explanations end on.

    ``amount_base``, ``fee_base`` and ``tax_base`` are its legs at its own rate; ``flow_base`` is what crossed the
    border of the view, in positive; ``cash`` has account, currency and amount of each movement.
    """

    transaction_id: str
    date: dt.date
    type: str
    account: str
    symbol: str | None
    to_symbol: str | None = None
    quantity: Rate
    currency: str
    amount: Money
    fee: Exact
    tax: Exact
    fx_rate: Rate
    amount_base: Money
    fee_base: Money
    tax_base: Money
    flow_base: Money
    cash: list[tuple[str, str, Exact]]
