"""What people state beside transactions: portfolios, accounts, and what instruments are and cost.

Belongs here: reading and changing them, held to what the engine can book. Does not: transactions (`records`), making
the first portfolio (`served`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from dashboard.data.records import held_own
from dashboard.data.served import newest_publication, own_ledger, reader
from pipelines.stating import entered_price
from warehouse.ledger import DESCRIBES, Account, NotFoundError, Portfolio
from warehouse.schema import market


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is said of instruments in a portfolio.

    Args:
        symbols: Those that it names, by name.
        overrides: ``symbol_overrides`` without ``portfolio_id``.
        prices: ``manual_prices`` without ``portfolio_id``.
    """

    symbols: list[str]
    overrides: pl.DataFrame
    prices: pl.DataFrame

    def said(self, symbol: str) -> dict[str, str | None]:
        """Return what is said of an instrument, None where nothing is."""
        row = self.overrides.filter(pl.col("symbol") == symbol)
        return row.row(0, named=True) if row.height else dict.fromkeys(("symbol", *DESCRIBES))


def instruments(portfolio: Portfolio) -> Instruments:
    """Return what is said of instruments in a portfolio."""
    return _instruments(portfolio.portfolio_id, portfolio.version)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _instruments(portfolio_id: str, version: int) -> Instruments:
    del version  # of the key only
    stated = own_ledger().frames(portfolio_id)
    named = {*stated.transactions["symbol"], *stated.transactions["to_symbol"], *stated.overrides["symbol"]}
    symbols = sorted((named | {*stated.prices["symbol"]}) - {None})
    return Instruments(symbols, stated.overrides, stated.prices)


def currency_of(portfolio: Portfolio, symbol: str) -> str | None:
    """Return the currency that an instrument is priced in, as its owner says or else providers; None if nobody does."""
    stated = instruments(portfolio).prices.filter(pl.col("symbol") == symbol)
    found = stated["currency"].last() if stated.height else published(symbol).get("currency")
    return None if found is None else str(found)


def published(symbol: str) -> dict[str, Any]:
    """Return what providers say of an instrument, nothing where they do not know it."""
    newest = newest_publication()
    return _published(symbol, newest.id) if newest else {}


@st.cache_data(max_entries=64, show_spinner=False)
def _published(symbol: str, publication_id: str) -> dict[str, Any]:
    rows = reader().table(market.SYMBOLS, where={"symbol": [symbol]}, publication_id=publication_id)
    return rows.row(0, named=True) if rows.height else {}


def describe(portfolio: Portfolio, symbol: str, said: Mapping[str, str | None], seen: Mapping[str, Any]) -> None:
    """Say what an instrument is, unless something else is said by now than was seen.

    Raises:
        LedgerError: If a value is refused, or somebody else has changed it meanwhile.
    """
    looked_at = {name: seen[name] for name in DESCRIBES}
    own_ledger().describe_symbol(portfolio.portfolio_id, symbol, said, seen=looked_at)


def state_price(portfolio: Portfolio, cells: Mapping[str, str]) -> None:
    """State what an instrument cost on a day, as it was typed in.

    Raises:
        ImportFileError: If a cell is not as it should be.
        LedgerError: If the ledger refuses it.
    """
    known = published(cells.get("symbol", "")).get("currency")
    row = entered_price(cells, currency=known)
    own_ledger().state_price(portfolio.portfolio_id, row["symbol"], row["date"], row["close"], row["currency"])


def take_back_price(portfolio: Portfolio, symbol: str, day: dt.date, currency: str) -> None:
    """Take back what an instrument was stated to cost on a day."""
    own_ledger().state_price(portfolio.portfolio_id, symbol, day, None, currency)


def accounts(portfolio: Portfolio) -> list[Account]:
    """Return the accounts of a portfolio, by name."""
    return own_ledger().accounts(portfolio.portfolio_id)


def change_portfolio(seen: Portfolio, **changes: str | None) -> None:
    """Change what is said of a portfolio, unless it says otherwise by now than was seen.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If a value is refused, or somebody else has changed it meanwhile.
    """
    held_own().update_portfolio(seen.portfolio_id, seen=seen, **changes)


def delete_portfolio(portfolio: Portfolio) -> None:
    """Delete a portfolio with all that is in it.

    Raises:
        NotFoundError: If it is gone already.
    """
    own_ledger().delete_portfolio(portfolio.portfolio_id)


def put_account(
    portfolio: Portfolio,
    name: str,
    *,
    seen: Account | None,
    currency: str | None,
    tracks_cash: bool | None,
    allow_short: bool,
) -> None:
    """Make an account, or change the one that was seen.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If a value is refused, or somebody else has changed it meanwhile.
    """
    held_own().put_account(
        portfolio.portfolio_id,
        name,
        currency=currency,
        tracks_cash=tracks_cash,
        allow_short=allow_short,
        seen=seen,
    )


def current(portfolio: Portfolio) -> Portfolio | None:
    """Return a portfolio as it is now, None where it is gone."""
    try:
        return own_ledger().portfolio(portfolio.portfolio_id)
    except NotFoundError:
        return None
