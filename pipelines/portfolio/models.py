"""The complete view's document: names, types and units that scripts and pages rely on.

Belongs here: the pydantic models of DESIGN 4. Does not: any computation.
Money, prices and quantities are exact and become strings in JSON; ratios are numbers; what cannot be known is null.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from functools import cache, cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter

SCHEMA_VERSION = 1


class CostMethod(StrEnum):
    """Which lots a disposal closes (CALCULATIONS 2)."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    AVERAGE = "average"
    SPECIFIC = "specific"


class Status(StrEnum):
    """How fresh a price or a rate is (CALCULATIONS 3)."""

    LIVE = "live"
    CLOSE = "close"
    STALE = "stale"
    MISSING = "missing"


def _no_float(value: Any) -> Any:
    if isinstance(value, float):
        msg = f"{value!r} is a float; money is exact"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns a ValueError into its own
    return value


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros.

    >>> plain(Decimal("10.50000000"))
    '10.5'
    """
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


Exact = Annotated[Decimal, BeforeValidator(_no_float), PlainSerializer(plain, return_type=str, when_used="json")]
Money = Exact | None
Ratio = Annotated[float | None, Field(default=None, allow_inf_nan=False)]


_SET = object.__setattr__


@cache
def _names(model: type[BaseModel]) -> set[str]:
    """Return the names of a model's fields; frozen rows share them."""
    return set(model.model_fields)


class Model(BaseModel):
    """What all parts of the document have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def built(cls, **values: Any) -> Self:
        """Return a row of exact values, all of them given by their Python names, without validating it.

        For the long lists, whose figures come from `exact` and are right by construction: validation takes longer than
        computing them (so does `model_construct`, which looks for defaults).
        """
        row = cls.__new__(cls)
        _SET(row, "__dict__", values)
        _SET(row, "__pydantic_fields_set__", _names(cls))
        _SET(row, "__pydantic_extra__", None)
        _SET(row, "__pydantic_private__", None)
        return row


class Warning_(Model):  # noqa: N801 - the builtin has the plain name
    """Why a figure is missing or to be read with care."""

    code: str
    message: str
    data: dict[str, str | int | float | bool | list[str] | list[float] | None] = {}


class Provenance(Model):
    """Where the document comes from."""

    engine_version: str
    ledger_version: int | None = None
    publication_id: str | None = None
    portfolio_id: str | None = None
    portfolio_name: str | None = None
    known_on: dt.date | None = None
    timings: dict[str, float] = {}


class Completeness(Model):
    """How much of the value is covered by a price and a rate, and how fresh they are."""

    holdings: int
    priced: int
    stale: int
    missing: int
    stale_value: Exact
    stale_weight: Ratio
    missing_symbols: list[str] = []
    stale_symbols: list[str] = []
    missing_fx: list[str] = []
    stale_fx: list[str] = []
    missing_cost: Exact
    ignored_future_rows: int = 0
    is_complete: bool


class Summary(Model):
    """The portfolio in one row, base currency.

    ``price_return`` is the time-weighted return without income; ``money_weighted`` is what ``xirr``, a rate of a year,
    amounts to over the days of the view.
    """

    value: Money
    cash: Money
    cost: Money
    net_invested: Money
    purchases: Money
    proceeds: Money
    unrealized_gain: Money
    realized_gain: Money
    income: Money
    fees: Money
    taxes: Money
    cash_fx_gain: Money
    total_gain: Money
    gain_on_purchases: Ratio
    simple_return: Ratio
    twr: Ratio
    twr_annualized: Ratio
    twr_before_tax: Ratio
    price_return: Ratio
    xirr: Ratio
    xirr_before_tax: Ratio
    money_weighted: Ratio
    day_change: Money
    day_return: Ratio


class Lot(Model):
    """An open lot of a holding."""

    bought_on: dt.date
    quantity: Exact
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
    quantity: Exact
    average_price: Money
    price: Money
    price_date: dt.date | None
    price_status: Status
    fx_rate: Money
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
    lots: list[Lot]


class RealizedGain(Model):
    """One lot, or part of one, that a disposal closed."""

    symbol: str
    account: str
    bought_on: dt.date
    sold_on: dt.date
    quantity: Exact
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


class SalePreview(Model):
    """What a sale that is thought of would close and gain under one method."""

    cost_method: CostMethod
    proceeds_base: Money
    cost_base: Money
    gain_base: Money
    short_term_gain_base: Money
    long_term_gain_base: Money
    remaining_cost_base: Money
    lots: list[RealizedGain]


class Trade(Model):
    """A closing transaction with what it closed, or what is still open."""

    symbol: str
    account: str
    side: str
    opened_on: dt.date
    closed_on: dt.date | None
    quantity: Exact
    entry_base: Money
    exit_base: Money
    gain_base: Money
    gain_before_fees_taxes_base: Money
    return_: Ratio = Field(alias="return", default=None)
    xirr: Ratio
    days_held: int

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class IncomeReceived(Model):
    """A payment of the ledger."""

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


class IncomeDue(Model):
    """What a declared dividend pays on the units of one account."""

    symbol: str
    account: str
    ex_date: dt.date
    pay_date: dt.date | None
    quantity: Exact
    amount_per_share: Exact
    currency: str
    gross_local: Exact
    gross_base: Money


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
    """Income of a symbol and its yields."""

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
    """Received, expected and projected income."""

    received: list[IncomeReceived]
    expected: list[IncomeExpected] = []
    projected: list[IncomeProjected] = []
    by_month: list[IncomeMonth]
    by_symbol: list[IncomeSymbol]
    totals: IncomeTotals


class PerformanceDay(Model):
    """One valuation day, base currency."""

    date: dt.date
    value: Money
    flow_in: Money
    flow_out: Money
    day_return: Ratio
    growth: Ratio
    covered: Ratio


class PerformancePeriod(Model):
    """A named period: from the close of its start to the close of its end."""

    period: str
    start: dt.date
    end: dt.date
    twr: Ratio
    price_return: Ratio
    xirr: Ratio
    gain: Money
    flow: Money
    income: Money


class Attribution(Model):
    """What became of the opening value; the parts add up to the final one exactly (CALCULATIONS 5).

    ``carried_gain`` is what lots had gained (as a cost) or lost when they came from another account, and the reverse of
    those that went to one; it is zero unless the view is that of one account.
    """

    initial_value: Money
    unrealized: Money
    realized: Money
    unrealized_fx_effect: Money
    realized_fx_effect: Money
    income: Money
    cash_fx_gain: Money
    fees: Money
    taxes: Money
    transfers: Money
    carried_gain: Money
    final_value: Money


class Contribution(Model):
    """What a holding added to the time-weighted return; without a symbol, what no holding made."""

    symbol: str | None
    account: str | None
    contribution: Ratio


class MonthlyReturn(Model):
    """Time-weighted return of a calendar month."""

    year: int
    month: int
    twr: Ratio


class Drawdown(Model):
    """A fall from a peak, and when it was made good."""

    peak: dt.date
    trough: dt.date
    recovery: dt.date | None
    depth: float


class Performance(Model):
    """How the portfolio did."""

    daily: list[PerformanceDay]
    periods: list[PerformancePeriod]
    attribution: Attribution
    monthly: list[MonthlyReturn] = []
    drawdowns: list[Drawdown] = []
    contributions: list[Contribution] = []


class Risk(Model):
    """Risk of the daily returns on days with a price; under a year nothing is ``annualized`` (CALCULATIONS 6)."""

    annualized: bool
    volatility: Ratio
    sharpe: Ratio
    sortino: Ratio
    max_drawdown: Ratio
    calmar: Ratio
    var_95: Ratio
    cvar_95: Ratio
    omega: Ratio
    beta: Ratio
    alpha: Ratio
    tracking_error: Ratio
    information_ratio: Ratio
    up_capture: Ratio
    down_capture: Ratio
    effective_holdings: Ratio


class AllocationRow(Model):
    """One class of one dimension."""

    key: str
    value: Money
    weight: Ratio
    target: Ratio
    drift: Ratio


class BenchmarkDay(Model):
    """What the same flows would be worth in the benchmark."""

    date: dt.date
    value: Money


class Benchmark(Model):
    """The benchmark by the same flows (CALCULATIONS 7); ``exhausted_on`` is when outflows had taken all of it."""

    symbol: str
    value: Money
    gain: Money
    xirr: Ratio
    twr: Ratio
    exhausted_on: dt.date | None = None
    daily: list[BenchmarkDay]


class CashBalance(Model):
    """Cash of one account in one currency."""

    account: str
    currency: str
    amount: Exact
    fx_rate: Money
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
    quantity: Money
    currency: str
    amount: Money
    fee: Exact
    tax: Exact
    fx_rate: Money
    amount_base: Money
    fee_base: Money
    tax_base: Money
    flow_base: Money
    cash: list[tuple[str, str, Exact]]


class Heading(Model):
    """What was asked of which portfolio, and how well it could be answered."""

    schema_version: int = SCHEMA_VERSION
    as_of: dt.date
    since: dt.date | None
    base_currency: str
    cost_method: CostMethod
    account: str | None = None
    warnings: list[Warning_]
    provenance: Provenance
    completeness: Completeness


class CompleteView(Heading):
    """Everything about one portfolio at one date."""

    summary: Summary
    holdings: list[Holding]
    realized_gains: list[RealizedGain]
    trades: list[Trade]
    income: Income
    performance: Performance | None
    risk: Risk | None
    allocations: dict[str, list[AllocationRow]]
    benchmark: Benchmark | None
    cash: list[CashBalance] = []
    journal: list[JournalEntry] | None = None

    @cached_property
    def entries(self) -> dict[str, JournalEntry]:
        """Return the journal by transaction; empty where it was not asked for."""
        return {entry.transaction_id: entry for entry in self.journal or []}


SECTIONS = (
    "summary",
    "holdings",
    "realized_gains",
    "trades",
    "income",
    "performance",
    "risk",
    "allocations",
    "benchmark",
    "cash",
)
TOP = tuple(Heading.model_fields)


@cache
def section_adapter(name: str) -> TypeAdapter[Any]:
    """Return what reads and writes one of the sections by itself."""
    return TypeAdapter(CompleteView.__annotations__[name])
