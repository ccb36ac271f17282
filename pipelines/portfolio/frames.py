"""What the engine takes: the frames of a ledger and of a market, with their schemas.

Belongs here: the shape of the inputs. Does not: reading them from anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.portfolio.checked import conformed
from warehouse.schema import ledger, market
from warehouse.schema.types import FX_RATE, PRICE, QUANTITY

TRANSACTION_SCHEMA: dict[str, Any] = {
    n: dtype for n, dtype in ledger.TRANSACTIONS.polars_schema.items() if n != "portfolio_id"
}
ACCOUNT_SCHEMA: dict[str, Any] = {n: dtype for n, dtype in ledger.ACCOUNTS.polars_schema.items() if n != "portfolio_id"}
PRICE_SCHEMA: dict[str, Any] = {"symbol": pl.String, "date": pl.Date, "close": PRICE, "currency": pl.String}
FX_SCHEMA: dict[str, Any] = {"from_currency": pl.String, "to_currency": pl.String, "date": pl.Date, "rate": FX_RATE}
SPLIT_SCHEMA: dict[str, Any] = {"symbol": pl.String, "ex_date": pl.Date, "ratio_new": QUANTITY, "ratio_old": QUANTITY}
DIVIDEND_SCHEMA: dict[str, Any] = {
    "symbol": pl.String,
    "ex_date": pl.Date,
    "pay_date": pl.Date,
    "amount": PRICE,
    "currency": pl.String,
}
DECISION_SCHEMA: dict[str, Any] = {
    n: dtype for n, dtype in ledger.DIVIDEND_DECISIONS.polars_schema.items() if n != "portfolio_id"
}
TARGET_SCHEMA: dict[str, Any] = {
    n: dtype for n, dtype in ledger.ALLOCATION_TARGETS.polars_schema.items() if n != "portfolio_id"
}
SYMBOL_SCHEMA = market.SYMBOLS.polars_schema
SESSION_SCHEMA: dict[str, Any] = {"exchange": pl.String, "date": pl.Date}
HELD_SCHEMA: dict[str, Any] = {
    "what": pl.String,  # price or rate
    "about": pl.String,  # its symbol or currency
    "date": pl.Date,
    "rule": pl.String,
    "reason": pl.String,
}
NO_PRICES = ("no_session", "future_date")
"""Rules about days that have no price: whatever a provider says of them, nobody has lost one."""


# What a caller may leave out or leave empty.
_OPTIONAL = {
    "transactions": [column.name for column in ledger.TRANSACTIONS.columns if column.nullable] + ["fee", "tax"],
    "accounts": [column.name for column in ledger.ACCOUNTS.columns if column.nullable],
    "decisions": [column.name for column in ledger.DIVIDEND_DECISIONS.columns if column.nullable],
    "dividends": ["pay_date"],
    "symbols": [name for name in SYMBOL_SCHEMA if name not in {"symbol", "currency"}],
}


def transaction_rows(rows: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Return rows as ``TRANSACTION_SCHEMA``; what may be empty may lack.

    Raises:
        FrameError: If a column lacks or is empty that may not, is a float, or has a digit that would be lost.
    """
    return conformed(rows, TRANSACTION_SCHEMA, name=name, optional=_OPTIONAL["transactions"])


def _empty(schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schema))


@dataclass(frozen=True, kw_only=True)
class LedgerFrames:
    """One portfolio as its owner states it.

    Args:
        transactions: ``TRANSACTION_SCHEMA``, in any order; ``time`` and ``sequence`` decide ties.
        accounts: ``ACCOUNT_SCHEMA``; an account that is not named here tracks cash if it has cash movements.
        targets: ``TARGET_SCHEMA``; a target is a fraction of the whole value.
        benchmark: Symbol to compare with.
        decisions: ``DECISION_SCHEMA``; a dividend that was decided about is expected no more.
        prices: ``PRICE_SCHEMA``, closes that the owner states, which the market has already (`stated_market`).
    """

    transactions: pl.DataFrame
    accounts: pl.DataFrame = field(default_factory=lambda: _empty(ACCOUNT_SCHEMA))
    targets: pl.DataFrame = field(default_factory=lambda: _empty(TARGET_SCHEMA))
    benchmark: str | None = None
    decisions: pl.DataFrame = field(default_factory=lambda: _empty(DECISION_SCHEMA))
    prices: pl.DataFrame = field(default_factory=lambda: _empty(PRICE_SCHEMA))

    def __post_init__(self) -> None:
        """Take exact numbers of any type, and nothing that is not exact; without ``sequence`` the order given counts.

        Raises:
            FrameError: If a column lacks or is empty that may not, is a float, or has a digit that would be lost.
        """
        rows = self.transactions
        if "sequence" not in rows.columns:
            object.__setattr__(self, "transactions", rows.with_row_index("sequence"))
        _conform(self, transactions=TRANSACTION_SCHEMA, accounts=ACCOUNT_SCHEMA)
        _conform(self, targets=TARGET_SCHEMA, decisions=DECISION_SCHEMA, prices=PRICE_SCHEMA)


@dataclass(frozen=True, kw_only=True)
class MarketFrames:
    """The market as known: as traded, as declared, never adjusted.

    Args:
        prices: ``PRICE_SCHEMA``, a row a symbol and session, in any order.
        fx: ``FX_SCHEMA``; one ``from_currency`` is ``rate`` ``to_currency``.
        splits: ``SPLIT_SCHEMA``.
        dividends: ``DIVIDEND_SCHEMA``.
        symbols: ``SYMBOL_SCHEMA``, the master; may lack symbols.
        sessions: ``SESSION_SCHEMA``; without an exchange's, the days with any price of the currency count.
        held: ``HELD_SCHEMA``, a row a rule: prices and rates that were told and are not believed yet.
    """

    prices: pl.DataFrame = field(default_factory=lambda: _empty(PRICE_SCHEMA))
    fx: pl.DataFrame = field(default_factory=lambda: _empty(FX_SCHEMA))
    splits: pl.DataFrame = field(default_factory=lambda: _empty(SPLIT_SCHEMA))
    dividends: pl.DataFrame = field(default_factory=lambda: _empty(DIVIDEND_SCHEMA))
    symbols: pl.DataFrame = field(default_factory=lambda: _empty(SYMBOL_SCHEMA))
    sessions: pl.DataFrame = field(default_factory=lambda: _empty(SESSION_SCHEMA))
    held: pl.DataFrame = field(default_factory=lambda: _empty(HELD_SCHEMA))

    def __post_init__(self) -> None:
        """Take exact numbers of any type, and nothing that is not exact.

        Raises:
            FrameError: If a column lacks or is empty that may not, is a float, or has a digit that would be lost.
        """
        _conform(self, prices=PRICE_SCHEMA, fx=FX_SCHEMA, splits=SPLIT_SCHEMA)
        _conform(self, dividends=DIVIDEND_SCHEMA, symbols=SYMBOL_SCHEMA, sessions=SESSION_SCHEMA, held=HELD_SCHEMA)


def _conform(frames: LedgerFrames | MarketFrames, **schemas: Mapping[str, Any]) -> None:
    for name, schema in schemas.items():
        frame = conformed(getattr(frames, name), schema, name=name, optional=_OPTIONAL.get(name, ()))
        object.__setattr__(frames, name, frame)


def fx_from_history(fx_history: pl.DataFrame) -> pl.DataFrame:
    """Return ``FX_SCHEMA`` rows of a frame of ``fx_history`` (units of the currency per euro)."""
    return fx_history.select(
        from_currency=pl.lit("EUR"), to_currency=pl.col("currency"), date=pl.col("date"), rate=pl.col("per_eur")
    )


def held_from_quarantine(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``HELD_SCHEMA`` rows of a frame of ``quarantine``: of prices, quotes and rates, by rules that cost one."""
    kinds = {market.PRICE_HISTORY.name: "price", market.SYMBOLS.name: "price", market.FX_HISTORY.name: "rate"}
    waiting = rows.filter(pl.col("table_name").is_in(list(kinds)), ~pl.col("rule").is_in(NO_PRICES))
    return waiting.select(pl.col("table_name").replace_strict(kinds).alias("what"), "about", "date", "rule", "reason")
