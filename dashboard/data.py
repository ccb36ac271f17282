"""The one door to the warehouse and the ledger, cached by what was published and by the ledger's version.

Belongs here: reading, and its caches. Does not: wording, layout.
"""

import datetime as dt

import streamlit as st

from dashboard.views.overview import FailedRun
from pipelines.current import CurrentView, current_view
from warehouse.ledger import Ledger, Portfolio
from warehouse.ops import Ops
from warehouse.reader import Publication, Reader
from warehouse.settings import Settings

_LAST_RUNS = 50


@st.cache_resource(max_entries=1)
def settings() -> Settings:
    """Return the settings of this server."""
    return Settings()


@st.cache_resource(max_entries=1)
def _reader() -> Reader:
    return Reader(settings())


@st.cache_resource(max_entries=1)
def _ops() -> Ops:
    return Ops.open(settings().ops_url)


@st.cache_resource(max_entries=1)
def _ledger() -> Ledger:
    settings().home.mkdir(parents=True, exist_ok=True)
    return Ledger.open(settings().ledger_url)


def today() -> dt.date:
    """Return the day that counts as today."""
    return settings().clock or dt.datetime.now(dt.UTC).date()


def portfolios() -> list[Portfolio]:
    """Return the user's portfolios, by name."""
    return _ledger().for_user(settings().user).portfolios()


def publication() -> Publication:
    """Return the newest publication.

    Raises:
        NoPublicationError: If nothing was published yet.
    """
    return _reader().publication()


def run_in_vain() -> FailedRun | None:
    """Return the last run that failed or was killed after the publication, None where there is none."""
    if not settings().ops_path.exists():
        return None
    published_at = publication().published_at
    for run in _ops().runs(_LAST_RUNS).iter_rows(named=True):
        ended = run["ended_at"]
        if run["status"] in {"failed", "killed"} and ended is not None and ended > published_at:
            return FailedRun(kind=run["kind"], ended_at=ended, why=run["message"] or "")
    return None


def current(portfolio: Portfolio) -> CurrentView:
    """Return a portfolio's view; the publication, the ledger's version and the day are the cache's key."""
    return _current(portfolio.portfolio_id, portfolio.version, publication().id, today())


# Views are frozen: a session may have the object itself, where a copy would take longer than reading it anew.
@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _current(portfolio_id: str, version: int, publication_id: str, day: dt.date) -> CurrentView:
    del version, publication_id  # of the key only: what is read is the newest of both
    own = _ledger().for_user(settings().user)
    return current_view(_reader(), own, own.portfolio(portfolio_id), today=day)
