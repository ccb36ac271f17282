"""The market: one master table of instruments, and histories that are never restated.

Belongs here: declarations of what providers said, as traded and as declared (ADR: immutable history).
Does not: adjusted prices (a view), anything about a person's holdings.
"""

import polars as pl

from warehouse.schema.model import Column, Table
from warehouse.schema.types import FX_RATE, PRICE, QUANTITY, TIMESTAMP

SYMBOL = Column(name="symbol", dtype=pl.String, doc="The instrument, as Folioduck names it.")
CURRENCY = Column(name="currency", dtype=pl.String, doc="ISO 4217 code of the major unit (never pence).")
OWN_FILES = "inbox"
"""The source whose rows are a person's own: they give way to none but its own."""
SOURCE = Column(name="source", dtype=pl.String, doc="The provider that said so.")
FETCHED_AT = Column(name="fetched_at", dtype=TIMESTAMP, doc="When it was fetched.")
KNOWN_FROM = Column(name="known_from", dtype=TIMESTAMP, doc="From when on this value was known here.")
KNOWN_UNTIL = Column(name="known_until", dtype=TIMESTAMP, doc="When another value took its place.")
BULK_LOADED = Column(
    name="bulk_loaded",
    dtype=pl.Boolean,
    doc="True where a bulk load brought the row: it then counts as known at its own date.",
)
_TAIL = (SOURCE, FETCHED_AT, KNOWN_FROM, BULK_LOADED)


def _text(name: str, doc: str) -> Column:
    return Column(name=name, dtype=pl.String, doc=doc, nullable=True)


def _price(name: str, doc: str) -> Column:
    return Column(name=name, dtype=PRICE, doc=doc, unit="currency per unit", nullable=True)


STATUSES = ("active", "delisted", "renamed")
SYMBOLS = Table(
    name="symbols",
    doc="One row an instrument: the single source of truth for what it is and for its current price.",
    key=("symbol",),
    owner="market",
    columns=(
        SYMBOL,
        _text("name", "Its full name."),
        _text("asset_class", "Equity, ETF, Fund, Bond, Crypto, Commodity, Index, Currency."),
        _text("exchange", "ISO 10383 market identifier code of its exchange."),
        _text("country", "Country of domicile, in English."),
        _text("region", "Region of the world."),
        _text("sector", "Sector."),
        _text("industry", "Industry within the sector."),
        CURRENCY,
        Column(
            name="price_unit",
            dtype=pl.String,
            doc="Unit the provider quotes in: the currency, or GBp, ILA, ZAc (hundredths, converted on the way in).",
        ),
        _text("isin", "ISO 6166 number."),
        _text("provider_symbol", "What the provider calls it, where that differs."),
        Column(name="status", dtype=pl.String, doc="active, delisted or renamed."),
        _price("last_price", "Current price, live or the last close."),
        Column(name="last_price_at", dtype=TIMESTAMP, doc="When it was traded or closed.", nullable=True),
        _price("previous_close", "Close of the session before that of `last_price`."),
        _text("price_source", "Who said `last_price`."),
        Column(name="updated_at", dtype=TIMESTAMP, doc="When this row last changed."),
        Column(
            name="described_at",
            dtype=TIMESTAMP,
            doc="When its provider was last asked for country, sector and industry, where it tells them apart.",
            nullable=True,
        ),
    ),
)

PRICE_HISTORY = Table(
    name="price_history",
    doc="Daily prices as traded, closed sessions only, never adjusted for later splits or dividends.",
    key=("symbol", "date"),
    owner="market",
    columns=(
        SYMBOL,
        Column(name="date", dtype=pl.Date, doc="Session."),
        _price("open", "First trade of the session."),
        _price("high", "Highest trade."),
        _price("low", "Lowest trade."),
        Column(name="close", dtype=PRICE, doc="Last trade of the session.", unit="currency per unit"),
        Column(name="volume", dtype=pl.Int64, doc="Units traded, as of that day.", unit="units", nullable=True),
        CURRENCY,
        *_TAIL,
    ),
)

DIVIDEND_HISTORY = Table(
    name="dividend_history",
    doc="Dividends as declared, per share of the day before the ex-date.",
    key=("symbol", "ex_date", "kind"),
    owner="market",
    columns=(
        SYMBOL,
        Column(name="ex_date", dtype=pl.Date, doc="First session without the right to it."),
        Column(name="pay_date", dtype=pl.Date, doc="Day of payment.", nullable=True),
        Column(name="amount", dtype=PRICE, doc="Gross amount.", unit="currency per share as of the ex-date"),
        CURRENCY,
        Column(name="kind", dtype=pl.String, doc="cash, special or capital_gain."),
        *_TAIL,
    ),
)

SPLIT_HISTORY = Table(
    name="split_history",
    doc="Splits: `ratio_new` units for every `ratio_old` from the open of the ex-date.",
    key=("symbol", "ex_date"),
    owner="market",
    columns=(
        SYMBOL,
        Column(name="ex_date", dtype=pl.Date, doc="First session at the new count."),
        Column(name="ratio_new", dtype=QUANTITY, doc="Units after.", unit="units"),
        Column(name="ratio_old", dtype=QUANTITY, doc="Units before.", unit="units"),
        *_TAIL,
    ),
)

FX_HISTORY = Table(
    name="fx_history",
    doc="Reference rates: units of `currency` for one euro. The euro itself is 1 and is not stored.",
    key=("currency", "date"),
    owner="market",
    columns=(
        Column(name="currency", dtype=pl.String, doc="ISO 4217 code."),
        Column(name="date", dtype=pl.Date, doc="Day of the fixing."),
        Column(name="per_eur", dtype=FX_RATE, doc="Units of the currency for one euro.", unit="currency per EUR"),
        *_TAIL,
    ),
)

TRADING_SESSIONS = Table(
    name="trading_sessions",
    doc="Sessions of each exchange that a symbol trades on, and of those whose hours it keeps.",
    key=("exchange", "date"),
    owner="market",
    columns=(
        Column(name="exchange", dtype=pl.String, doc="ISO 10383 market identifier code; CMES for the CME Group."),
        Column(name="date", dtype=pl.Date, doc="Session."),
        Column(name="opens_at", dtype=TIMESTAMP, doc="Open.", nullable=True),
        Column(name="closes_at", dtype=TIMESTAMP, doc="Close.", nullable=True),
    ),
)

HISTORIES = (PRICE_HISTORY, DIVIDEND_HISTORY, SPLIT_HISTORY, FX_HISTORY)


def revisions_of(table: Table) -> Table:
    """Return the twin that keeps what a provider has since corrected."""
    return Table(
        name=f"{table.name}_revisions",
        doc=f"Values of {table.name} that a provider has since corrected.",
        key=(*table.key, "known_from"),
        owner=table.owner,
        columns=(*table.columns, KNOWN_UNTIL),
    )


REVISIONS = tuple(revisions_of(table) for table in HISTORIES)
TABLES = (SYMBOLS, *HISTORIES, TRADING_SESSIONS, *REVISIONS)
