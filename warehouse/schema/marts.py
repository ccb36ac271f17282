"""Computed tables: what the engine says of every portfolio at the publication's date.

Belongs here: declarations of the marts. Does not: how a figure is computed (CALCULATIONS, `pipelines.portfolio`).
"""

import polars as pl

from warehouse.schema.ledger import ACCOUNT as _ACCOUNT
from warehouse.schema.ledger import PORTFOLIO_ID
from warehouse.schema.market import SYMBOL
from warehouse.schema.model import Column, Table
from warehouse.schema.types import FX_RATE, MONEY, PRICE, QUANTITY, RATIO, TIMESTAMP


def money(name: str, doc: str, *, nullable: bool = True) -> Column:
    """Return a column of money; the suffix of its name says in which currency."""
    unit = "instrument currency" if name.endswith("_local") else "base currency"
    return Column(name=name, dtype=MONEY, doc=doc, unit=unit, nullable=nullable)


def ratio(name: str, doc: str) -> Column:
    """Return a column of a fraction, null where it is not defined."""
    return Column(name=name, dtype=RATIO, doc=doc, unit="fraction", nullable=True)


def text(name: str, doc: str, *, nullable: bool = False) -> Column:
    """Return a column of text."""
    return Column(name=name, dtype=pl.String, doc=doc, nullable=nullable)


def day(name: str, doc: str, *, nullable: bool = False) -> Column:
    """Return a column of dates."""
    return Column(name=name, dtype=pl.Date, doc=doc, nullable=nullable)


def units(name: str, doc: str) -> Column:
    """Return a column of quantities."""
    return Column(name=name, dtype=QUANTITY, doc=doc, unit="units")


LOTS = Table(
    name="lots",
    doc="Open lots: what is held, since when, and what it cost (CALCULATIONS 2).",
    key=("portfolio_id", "account", "symbol", "lot"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        _ACCOUNT,
        SYMBOL,
        Column(name="lot", dtype=pl.Int64, doc="Its place in the order of the cost method, from 1."),
        text("transaction_id", "The purchase."),
        day("bought_on", "Day of the purchase; travels with transfers."),
        units("quantity", "Units still held; negative in a short."),
        money("cost_local", "Cost with fee and tax."),
        money("cost_base", "Cost with fee and tax at the trade's rate."),
        Column(name="days_held", dtype=pl.Int64, doc="Days since the purchase.", unit="days"),
    ),
)

REALIZED_GAINS = Table(
    name="realized_gains",
    doc="Disposals, a row a lot they closed (CALCULATIONS 2).",
    key=("portfolio_id", "disposal"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        Column(name="disposal", dtype=pl.Int64, doc="Number of the row, in order of disposal, from 1."),
        _ACCOUNT,
        SYMBOL,
        day("bought_on", "Day of the purchase."),
        day("sold_on", "Day of the disposal."),
        units("quantity", "Units disposed of."),
        money("cost_local", "Their cost with fee and tax."),
        money("cost_base", "Their cost with fee and tax."),
        money("proceeds_local", "What they brought, after fee and tax."),
        money("proceeds_base", "What they brought, after fee and tax."),
        money("gain_local", "Proceeds less cost."),
        money("gain_base", "Proceeds less cost."),
        money("gain_before_fees_taxes_base", "The same before fees and taxes."),
        money("price_effect_base", "Local gain at the disposal's rate."),
        money("fx_effect_base", "The rest of the gain."),
        Column(name="days_held", dtype=pl.Int64, doc="Days from purchase to disposal.", unit="days"),
        text("term", "long when sold after the anniversary of the purchase, else short."),
        text("buy_id", "The purchase."),
        text("sell_id", "The disposal."),
    ),
)

TRADES = Table(
    name="trades",
    doc="A row a closing transaction, and one for what is open (CALCULATIONS 2).",
    key=("portfolio_id", "trade"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        Column(name="trade", dtype=pl.Int64, doc="Number of the row, from 1."),
        _ACCOUNT,
        SYMBOL,
        text("side", "long or short."),
        day("opened_on", "First purchase."),
        day("closed_on", "Disposal; null while open.", nullable=True),
        units("quantity", "Units."),
        money("entry_base", "What it cost to open."),
        money("exit_base", "What closing brought, or today's value."),
        money("gain_base", "Exit less entry."),
        money("gain_before_fees_taxes_base", "The same before fees and taxes."),
        ratio("return", "Gain / entry; of a short 1 - exit / entry."),
        ratio("xirr", "Money-weighted, annual."),
        Column(name="days_held", dtype=pl.Int64, doc="Days.", unit="days"),
    ),
)

HOLDINGS = Table(
    name="holdings",
    doc="What each account holds of each symbol (CALCULATIONS 2, 3).",
    key=("portfolio_id", "account", "symbol"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        _ACCOUNT,
        SYMBOL,
        text("currency", "Of the instrument.", nullable=True),
        units("quantity", "Units held; negative in a short."),
        Column(name="average_price", dtype=PRICE, doc="Cost before fees and taxes per unit.", nullable=True),
        Column(name="price", dtype=PRICE, doc="Price at the valuation date.", nullable=True),
        day("price_date", "Day of that price.", nullable=True),
        text("price_status", "live, close, stale or missing."),
        Column(name="fx_rate", dtype=FX_RATE, doc="Base currency for one unit of `currency`.", nullable=True),
        day("fx_date", "Day of that rate; null where no conversion is needed.", nullable=True),
        text("fx_status", "close, stale or missing."),
        money("cost_local", "Open cost with fees and taxes."),
        money("cost_base", "Open cost with fees and taxes."),
        money("cost_excluding_fees_and_taxes_base", "Open cost before fees and taxes."),
        money("value_local", "Market value."),
        money("value_base", "Market value."),
        money("unrealized_gain_local", "Value less cost."),
        money("unrealized_gain_base", "Value less cost."),
        money("price_effect_base", "Part of it due to the price."),
        money("fx_effect_base", "Part of it due to the exchange rate."),
        money("realized_gain_base", "Realised in the period."),
        money("purchases_base", "Purchases in the period."),
        money("proceeds_base", "Proceeds in the period."),
        money("income_base", "Dividends and interest in the period, gross."),
        money("fees_base", "Fees less refunds."),
        money("taxes_base", "Taxes less refunds."),
        money("total_gain_base", "All of it together."),
        ratio("gain_on_purchases", "Total gain / purchases."),
        ratio("weight", "Share of the portfolio's value."),
        ratio("twr", "Time-weighted return."),
        ratio("xirr", "Money-weighted return, annual."),
    ),
)

VALUATION_DAILY = Table(
    name="valuation_daily",
    doc="Value and external flows by day (CALCULATIONS 4).",
    key=("portfolio_id", "date"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        day("date", "Valuation day."),
        money("value_base", "Value at its close; null where something held has no value."),
        money("flow_in_base", "What came in that day; null where a rate or price for it is missing."),
        money("flow_out_base", "What went out that day; null like the inflow."),
        ratio("covered", "Part of the value priced on the day itself."),
    ),
)

PERFORMANCE_DAILY = Table(
    name="performance_daily",
    doc="Time-weighted performance by day (CALCULATIONS 5).",
    key=("portfolio_id", "date"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        day("date", "Valuation day."),
        ratio("day_return", "Return since the last valuation; null where none is defined."),
        Column(
            name="growth",
            dtype=RATIO,
            doc="Worth of 1.00 put in at first; null on a day without a value, and since one that opens below zero.",
            unit="1",
            nullable=True,
        ),
    ),
)

PERFORMANCE_SUMMARY = Table(
    name="performance_summary",
    doc="Return, gain, flow and income by period (CALCULATIONS 5).",
    key=("portfolio_id", "period"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        text("period", "1D, WTD, MTD, QTD, YTD, 1M, 3M, 6M, 1Y, 3Y, 5Y, a calendar year, or ITD."),
        day("start", "Its opening close."),
        day("end", "Its closing close."),
        ratio("twr", "Time-weighted return."),
        ratio("xirr", "Money-weighted return, annual."),
        money("gain_base", "Gain."),
        money("flow_base", "Flows in less flows out."),
        money("income_base", "Income, gross."),
        ratio("price_return", "Time-weighted return without income."),
    ),
)

BENCHMARK_DAILY = Table(
    name="benchmark_daily",
    doc="The same flows put into the benchmark (CALCULATIONS 7).",
    key=("portfolio_id", "date"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        day("date", "Valuation day."),
        SYMBOL,
        money("value_base", "What it would be worth."),
    ),
)

ALLOCATIONS = Table(
    name="allocations",
    doc="Weights of value by dimension; cash and the unknown have their own names (CALCULATIONS 9).",
    key=("portfolio_id", "dimension", "key"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        text(
            "dimension",
            "symbol, asset_class, sector, industry, country, region, currency, exchange or account.",
        ),
        text("key", "The class."),
        money("value_base", "Its value."),
        ratio("weight", "Its share."),
        ratio("target", "The share wanted."),
        ratio("drift", "Weight less target."),
    ),
)

DIVIDEND_INCOME = Table(
    name="dividend_income",
    doc="Income received, from the ledger (CALCULATIONS 8).",
    key=("portfolio_id", "transaction_id"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        text("transaction_id", "The transaction."),
        _ACCOUNT,
        text("symbol", "The instrument; null for interest on cash.", nullable=True),
        day("date", "Day of payment."),
        text("type", "DIVIDEND, INTEREST or INTEREST_CHARGE."),
        text("currency", "Of the local amounts."),
        money("gross_local", "Before fee and tax."),
        money("gross_base", "Before fee and tax."),
        money("tax_base", "Tax withheld."),
        money("net_base", "What arrived."),
    ),
)

COMPLETE_VIEWS = Table(
    name="complete_views",
    doc="The complete view, a row a portfolio and section, as JSON.",
    key=("portfolio_id", "section"),
    owner="marts",
    columns=(
        PORTFOLIO_ID,
        text("section", "top, summary, holdings, realized_gains, trades, income, performance, risk, …"),
        Column(name="ledger_version", dtype=pl.Int64, doc="Version of the portfolio it was computed from."),
        day("as_of", "Valuation date."),
        text("document", "The section as JSON."),
    ),
)

PUBLICATIONS = Table(
    name="publications",
    doc="Every publication up to this one.",
    key=("publication_id",),
    owner="publication",
    columns=(
        text("publication_id", "Name of its file, in order of time."),
        text("run_id", "The run that made it."),
        Column(name="published_at", dtype=TIMESTAMP, doc="When."),
        day("as_of", "Valuation date of its marts.", nullable=True),
        text("engine_version", "Version of Folioduck."),
    ),
)

TABLES = (
    LOTS,
    REALIZED_GAINS,
    TRADES,
    HOLDINGS,
    VALUATION_DAILY,
    PERFORMANCE_DAILY,
    PERFORMANCE_SUMMARY,
    BENCHMARK_DAILY,
    ALLOCATIONS,
    DIVIDEND_INCOME,
    COMPLETE_VIEWS,
    PUBLICATIONS,
)
