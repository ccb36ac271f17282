"""Mirrors of what people state, so that SQL sees the ledger beside the market.

Belongs here: the frames that the engine takes for transactions, accounts and portfolios, as warehouse tables.
Does not: the ledger's own tables (`warehouse.ledger`), which people write.
"""

import polars as pl

from warehouse.schema.model import Column, Table
from warehouse.schema.types import FX_RATE, MONEY, PRICE, QUANTITY

PORTFOLIO_ID = Column(name="portfolio_id", dtype=pl.String, doc="The portfolio.")
OWNER_ID = Column(name="owner_id", dtype=pl.String, doc="The user whose it is.")
ACCOUNT = Column(name="account", dtype=pl.String, doc="The account's name, unique in its portfolio.")

PORTFOLIOS = Table(
    name="portfolios",
    doc="Portfolios of every owner.",
    key=("portfolio_id",),
    owner="ledger",
    columns=(
        PORTFOLIO_ID,
        OWNER_ID,
        Column(name="name", dtype=pl.String, doc="Its name, unique for its owner."),
        Column(name="base_currency", dtype=pl.String, doc="Currency of every `_base` amount."),
        Column(name="cost_method", dtype=pl.String, doc="fifo, lifo, hifo, average or specific."),
        Column(name="benchmark", dtype=pl.String, doc="Symbol it is measured against.", nullable=True),
        Column(name="version", dtype=pl.Int64, doc="Raised by one with every change of its content."),
    ),
)

ACCOUNTS = Table(
    name="accounts",
    doc="Accounts of every portfolio.",
    key=("portfolio_id", "account"),
    owner="ledger",
    columns=(
        PORTFOLIO_ID,
        ACCOUNT,
        Column(name="currency", dtype=pl.String, doc="The account's own currency.", nullable=True),
        Column(
            name="tracks_cash",
            dtype=pl.Boolean,
            doc="Whether its cash is kept; null where its transactions decide (CALCULATIONS 1).",
            nullable=True,
        ),
        Column(name="allow_short", dtype=pl.Boolean, doc="Whether a sale beyond the holding opens a short."),
    ),
)


def _optional(name: str, dtype: pl.DataType | type[pl.DataType], doc: str, unit: str | None = None) -> Column:
    return Column(name=name, dtype=dtype, doc=doc, unit=unit, nullable=True)


TRANSACTIONS = Table(
    name="transactions",
    doc="Every transaction, as stated. Amounts are gross and in `currency`; the type gives the direction.",
    key=("transaction_id",),
    owner="ledger",
    columns=(
        Column(name="transaction_id", dtype=pl.String, doc="The transaction."),
        PORTFOLIO_ID,
        Column(name="sequence", dtype=pl.Int64, doc="Order of entry; decides ties of date and time."),
        Column(name="date", dtype=pl.Date, doc="Trade date."),
        _optional("time", pl.Time, "Time of day; absent sorts as midnight."),
        Column(name="type", dtype=pl.String, doc="One of CALCULATIONS 1."),
        ACCOUNT,
        _optional("symbol", pl.String, "The instrument."),
        _optional("quantity", QUANTITY, "Units, never negative.", "units"),
        _optional("price", PRICE, "Per unit.", "currency per unit"),
        _optional("amount", MONEY, "Gross, before fee and tax.", "currency"),
        Column(name="fee", dtype=MONEY, doc="Never negative.", unit="currency"),
        Column(name="tax", dtype=MONEY, doc="Never negative.", unit="currency"),
        Column(name="currency", dtype=pl.String, doc="Currency of price, amount, fee and tax."),
        _optional("fx_rate", FX_RATE, "Account currency for one `currency` on that trade."),
        _optional("to_account", pl.String, "Receiving account of a TRANSFER."),
        _optional("to_symbol", pl.String, "What a SPINOFF or MERGER gives."),
        _optional("ratio_new", QUANTITY, "Units given.", "units"),
        _optional("ratio_old", QUANTITY, "Units they are given for.", "units"),
        _optional("cost_fraction", QUANTITY, "Share of each lot's cost that a SPINOFF moves.", "fraction"),
        _optional("to_amount", MONEY, "What an FX_CONVERSION brings.", "to_currency"),
        _optional("to_currency", pl.String, "Currency of `to_amount`."),
        _optional("lot_id", pl.String, "Purchase that a SPECIFIC sale names."),
        _optional("settle_date", pl.Date, "Settlement date, for information."),
        _optional("external_id", pl.String, "The broker's own number; unique in its portfolio."),
        _optional("note", pl.String, "Free text."),
    ),
)

DIVIDEND_DECISIONS = Table(
    name="dividend_decisions",
    doc="What was decided about dividends that were due (CALCULATIONS 8): these are expected no more.",
    key=("portfolio_id", "account", "symbol", "ex_date"),
    owner="ledger",
    columns=(
        PORTFOLIO_ID,
        ACCOUNT,
        Column(name="symbol", dtype=pl.String, doc="The instrument."),
        Column(name="ex_date", dtype=pl.Date, doc="Its ex-date."),
        Column(name="state", dtype=pl.String, doc="confirmed, edited or rejected."),
        _optional("transaction_id", pl.String, "The DIVIDEND that it became; absent where it was rejected."),
    ),
)

ALLOCATION_TARGETS = Table(
    name="allocation_targets",
    doc="Which part of a portfolio each class should be (CALCULATIONS 9).",
    key=("portfolio_id", "dimension", "key"),
    owner="ledger",
    columns=(
        PORTFOLIO_ID,
        Column(name="dimension", dtype=pl.String, doc="symbol, asset_class, sector, …"),
        Column(name="key", dtype=pl.String, doc="The class; Cash is one."),
        Column(name="target", dtype=QUANTITY, doc="Its part of the total value.", unit="fraction"),
    ),
)

WATCHED_SYMBOL = Column(name="symbol", dtype=pl.String, doc="The instrument.")

WATCHLIST = Table(
    name="watchlist",
    doc="Symbols that users watch; they are fetched like held ones.",
    key=("owner_id", "symbol"),
    owner="ledger",
    columns=(
        OWNER_ID,
        WATCHED_SYMBOL,
        _optional("target", PRICE, "A price to wait for.", "currency per unit"),
        _optional("note", pl.String, "Free text."),
        Column(name="added_on", dtype=pl.Date, doc="Day on which it was put on the list, in UTC."),
    ),
)

ALERTS = Table(
    name="alerts",
    doc="What users want to be told of the symbols they watch.",
    key=("owner_id", "symbol", "kind", "threshold"),
    owner="ledger",
    columns=(
        OWNER_ID,
        WATCHED_SYMBOL,
        Column(name="kind", dtype=pl.String, doc="above or below a price; day_move, either way."),
        Column(
            name="threshold",
            dtype=PRICE,
            doc="A price in the currency of the symbol's prices; of a day_move a fraction.",
            unit="currency per unit, or fraction",
        ),
    ),
)

SYMBOL_OVERRIDES = Table(
    name="symbol_overrides",
    doc="What an owner says of an instrument; it counts in their portfolio before what providers say.",
    key=("portfolio_id", "symbol"),
    owner="ledger",
    columns=(
        PORTFOLIO_ID,
        Column(name="symbol", dtype=pl.String, doc="The instrument."),
        _optional("name", pl.String, "Its full name."),
        _optional("asset_class", pl.String, "Equity, ETF, Fund, Bond, Crypto, Commodity, Index, Currency."),
        _optional("sector", pl.String, "Sector."),
        _optional("industry", pl.String, "Industry within the sector."),
        _optional("country", pl.String, "Country of domicile, in English."),
        _optional("region", pl.String, "Region of the world."),
    ),
)

MANUAL_PRICES = Table(
    name="manual_prices",
    doc="Closes that an owner states; each counts in their portfolio before what providers say of its day.",
    key=("portfolio_id", "symbol", "date"),
    owner="ledger",
    columns=(
        PORTFOLIO_ID,
        Column(name="symbol", dtype=pl.String, doc="The instrument."),
        Column(name="date", dtype=pl.Date, doc="The day at whose close it counts."),
        Column(name="close", dtype=PRICE, doc="Per unit, as traded then.", unit="currency per unit"),
        Column(name="currency", dtype=pl.String, doc="ISO 4217 code of the major unit (never pence)."),
    ),
)

OF_PORTFOLIOS = (
    PORTFOLIOS,
    ACCOUNTS,
    TRANSACTIONS,
    DIVIDEND_DECISIONS,
    ALLOCATION_TARGETS,
    SYMBOL_OVERRIDES,
    MANUAL_PRICES,
)
"""What figures of portfolios follow from."""
TABLES = (*OF_PORTFOLIOS, WATCHLIST, ALERTS)
