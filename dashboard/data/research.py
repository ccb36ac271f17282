"""One instrument, held or not: what is stored of it, and what providers say when they are asked.

Belongs here: reading a symbol's master, events and price of a day; look-ups. Does not: its price line (`symbols`), how
a look-up is answered (`pipelines.research`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import polars as pl
import streamlit as st

from dashboard.data.served import newest_publication, ops, publication, reader, settings
from dashboard.data.watching import quotes
from pipelines.asked import Asked
from pipelines.portfolio.models import Status
from pipelines.portfolio.quotes import SymbolQuote
from pipelines.research import Found, Lookup, Research, research_of
from warehouse.schema import Table
from warehouse.schema.market import DIVIDEND_HISTORY, PRICE_HISTORY, SPLIT_HISTORY, SYMBOLS

Answer = TypeVar("Answer")


def profile(symbol: str) -> Mapping[str, Any] | None:
    """Return the master's row of a symbol, None where it is not stored."""
    published = newest_publication()
    return _profile(symbol, published.id) if published else None


@st.cache_data(max_entries=128, show_spinner=False)
def _profile(symbol: str, publication_id: str) -> Mapping[str, Any] | None:
    rows = reader().table(SYMBOLS, where={"symbol": [symbol]}, publication_id=publication_id)
    return rows.row(0, named=True) if rows.height else None


def dividends(symbol: str, known_on: dt.date | None) -> pl.DataFrame:
    """Return the dividends of a symbol, those declared for later too, as known now or on a day.

    Raises:
        NoPublicationError: If nothing was published yet.
    """
    return _dividends(symbol, known_on, publication().id)


@st.cache_data(max_entries=128, show_spinner=False)
def _dividends(symbol: str, known_on: dt.date | None, publication_id: str) -> pl.DataFrame:
    return _history(DIVIDEND_HISTORY, {"symbol": [symbol]}, known_on, publication_id)


def splits(symbol: str, known_on: dt.date | None) -> pl.DataFrame:
    """Return the splits of a symbol, as known now or on a day.

    Raises:
        NoPublicationError: If nothing was published yet.
    """
    return _splits(symbol, known_on, publication().id)


@st.cache_data(max_entries=128, show_spinner=False)
def _splits(symbol: str, known_on: dt.date | None, publication_id: str) -> pl.DataFrame:
    return _history(SPLIT_HISTORY, {"symbol": [symbol]}, known_on, publication_id)


def _history(
    table: Table, where: Mapping[str, Sequence[object]], known_on: dt.date | None, publication_id: str
) -> pl.DataFrame:
    before = Asked(as_of=dt.date.max, known_on=known_on).known_before
    if before is None:
        return reader().table(table, where=where, publication_id=publication_id)
    return reader().table_as_known(table, before=before, where=where, publication_id=publication_id)


def price_on(symbol: str, day: dt.date, known_on: dt.date | None) -> tuple[SymbolQuote, str | None]:
    """Return the price that counts on a day, as known now or on another, and who said it; None where there is none.

    Raises:
        NoPublicationError: If nothing was published yet.
    """
    [quote] = quotes((symbol,), day, known_on)
    return quote, _source(quote, known_on, publication().id)


@st.cache_data(max_entries=128, show_spinner=False)
def _source(quote: SymbolQuote, known_on: dt.date | None, publication_id: str) -> str | None:
    if quote.date is None:
        return None
    if quote.status is not Status.LIVE:
        where: dict[str, Sequence[object]] = {"symbol": [quote.symbol], "date": [quote.date]}
        rows = _history(PRICE_HISTORY, where, known_on, publication_id)
        if rows.height:
            return str(rows["source"][0])
    row = _profile(quote.symbol, publication_id)
    return None if row is None else row["price_source"]


@st.cache_resource(max_entries=1, show_spinner=False)
def _research() -> Research:
    return research_of(settings(), ops())


def last(lookup: Lookup[Answer]) -> Found[Answer]:
    """Return the last answer to a look-up, without asking anybody."""
    return _research().last(lookup)


def ask(lookup: Lookup[Answer]) -> Found[Answer]:
    """Ask the providers in order, unless the last answer is fresh; it takes some seconds at most."""
    return _research().ask(lookup)


def now() -> dt.datetime:
    """Return the moment by which the age of an answer counts."""
    return dt.datetime.now(dt.UTC)
