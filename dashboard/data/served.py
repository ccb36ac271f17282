"""What this server serves from: its settings, the stores behind them, and what every page asks first.

Belongs here: opening the stores once, portfolios, the publication, today. Does not: figures (`figures`), one symbol
(`symbols`), runs (`runs`).
"""

import datetime as dt

import streamlit as st

from warehouse.ledger import Ledger, LedgerRepository, Portfolio
from warehouse.ops import Ops
from warehouse.reader import Publication, Reader
from warehouse.settings import Settings


@st.cache_resource(max_entries=1)
def settings() -> Settings:
    """Return the settings of this server."""
    return Settings()


@st.cache_resource(max_entries=1)
def reader() -> Reader:
    """Return the reader of publications."""
    return Reader(settings())


@st.cache_resource(max_entries=1)
def ops() -> Ops:
    """Return the record of what happened."""
    return Ops.open(settings().ops_url)


@st.cache_resource(max_entries=1)
def _ledger() -> Ledger:
    settings().home.mkdir(parents=True, exist_ok=True)
    return Ledger.open(settings().ledger_url)


def own_ledger() -> LedgerRepository:
    """Return the ledger of this server's user."""
    return _ledger().for_user(settings().user)


def today() -> dt.date:
    """Return the day that counts as today."""
    return settings().clock or dt.datetime.now(dt.UTC).date()


def portfolios() -> list[Portfolio]:
    """Return the user's portfolios, by name."""
    return own_ledger().portfolios()


def publication() -> Publication:
    """Return the newest publication.

    Raises:
        NoPublicationError: If nothing was published yet.
    """
    return reader().publication()
