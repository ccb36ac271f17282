"""What is watched, what it is worth, and stating it.

Belongs here: the watchlist of this server's user and quotes of any symbols, cached by publication. Does not: which
alerts fire (`views.watchlist`), figures of a portfolio (`figures`).
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from dashboard.data.served import newest_publication, own_ledger, reader
from pipelines.asked import Asked, market_frames
from pipelines.portfolio.frames import MarketFrames
from pipelines.portfolio.quotes import SymbolQuote, quotes_on
from warehouse.ledger import Alert, Watched
from warehouse.schema.market import SYMBOLS


@dataclass(frozen=True, slots=True)
class Watching:
    """The watchlist as it is; ``version`` is what a change is made to."""

    version: int
    watched: tuple[Watched, ...]
    alerts: tuple[Alert, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the symbols on it, by name."""
        return tuple(row.symbol for row in self.watched)


def watching() -> Watching:
    """Return the watchlist of this server's user."""
    own = own_ledger().watchlist()
    # The version first: who looks at rows that are newer than it is told so when changing them.
    version = own.version()
    return Watching(version, tuple(own.watched()), tuple(own.alerts()))


def quotes(symbols: tuple[str, ...], day: dt.date, known_on: dt.date | None) -> tuple[SymbolQuote, ...]:
    """Return what symbols are worth on a day, as known now or on an earlier day, in their order.

    Before anything is published none has a price.
    """
    published = newest_publication()
    return _quotes(symbols, day, known_on, published.id if published else None)


@st.cache_data(max_entries=64, ttl=3600, show_spinner=False)
def _quotes(
    symbols: tuple[str, ...], day: dt.date, known_on: dt.date | None, publication_id: str | None
) -> tuple[SymbolQuote, ...]:
    if publication_id is None:
        return tuple(quotes_on(MarketFrames(), symbols, day))
    before = Asked(as_of=day, known_on=known_on).known_before
    return tuple(quotes_on(market_frames(reader(), symbols, before, publication_id), symbols, day))


def known_symbols() -> dict[str, str]:
    """Return every symbol of the warehouse with its name, by symbol; none before anything is published."""
    published = newest_publication()
    return _known_symbols(published.id) if published else {}


@st.cache_data(max_entries=4, show_spinner=False)
def _known_symbols(publication_id: str) -> dict[str, str]:
    rows = reader().table(SYMBOLS, publication_id=publication_id).select("symbol", "name")
    return {symbol: name or "" for symbol, name in rows.iter_rows()}


def watch(symbol: str, target: Decimal | None, note: str, *, version: int) -> None:
    """Put a symbol on the list, or give the one that is there another target and note.

    Raises:
        LedgerError: If the ledger refuses it, or the list has changed since that version.
    """
    own_ledger().watchlist().watch(symbol, target=target, note=note, expected_version=version)


def unwatch(symbol: str, *, version: int) -> None:
    """Take a symbol off the list, with its alerts.

    Raises:
        LedgerError: If it is not on it, or the list has changed since that version.
    """
    own_ledger().watchlist().unwatch(symbol, expected_version=version)


def add_alert(alert: Alert, *, version: int) -> None:
    """Add an alert.

    Raises:
        LedgerError: If the ledger refuses it, or the list has changed since that version.
    """
    own_ledger().watchlist().add_alert(alert, expected_version=version)


def remove_alert(alert: Alert, *, version: int) -> None:
    """Take an alert away.

    Raises:
        LedgerError: If there is none such, or the list has changed since that version.
    """
    own_ledger().watchlist().remove_alert(alert, expected_version=version)
