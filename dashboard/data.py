"""The one door to the warehouse and the ledger, cached by what was published and by the ledger's version.

Belongs here: reading, and its caches. Does not: wording, layout.
"""

import datetime as dt

import polars as pl
import streamlit as st

from dashboard import formats
from dashboard.chosen import Chosen
from dashboard.views import holdings
from dashboard.views.overview import FailedRun
from pipelines.asked import Asked, asked_view
from pipelines.current import CurrentView, current_view
from pipelines.portfolio.explain import Explanation, explain
from pipelines.portfolio.models import CompleteView
from warehouse.ledger import Ledger, Portfolio
from warehouse.ops import Ops
from warehouse.reader import Publication, Reader
from warehouse.schema.market import SPLIT_HISTORY
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


def view(chosen: Chosen) -> CurrentView:
    """Return what the visitor looks at; the publication, the ledger's version and both days are the cache's key."""
    portfolio, published = chosen.portfolio, publication().id
    if chosen.is_now:
        return _current(portfolio.portfolio_id, portfolio.version, published, chosen.today)
    asked = _asked(portfolio.portfolio_id, portfolio.version, published, chosen.as_of, chosen.known_on)
    return CurrentView(asked, live=False)


def explanation(chosen: Chosen, path: str) -> Explanation:
    """Return where a figure of what the visitor looks at comes from, down to its rows.

    Raises:
        UnknownFigureError: If the view has no such figure.
    """
    portfolio = chosen.portfolio
    return explain(
        _asked(
            portfolio.portfolio_id,
            portfolio.version,
            publication().id,
            chosen.as_of,
            chosen.known_on,
            with_journal=True,
        ),
        path,
    )


def price_line(symbol: str) -> pl.DataFrame:
    """Return the published closes of a symbol: ``date, close, split_adjusted_close, adjusted_close, currency``."""
    return _price_line(symbol, publication().id)


def marks(chosen: Chosen, symbol: str) -> pl.DataFrame:
    """Return what happened to a symbol until the day that is looked at, as `views.holdings.marks` has it."""
    rows = _reader().table(SPLIT_HISTORY, where={"symbol": [symbol]})
    splits = [
        (row["ex_date"], f"{formats.quantity(row['ratio_new'])}:{formats.quantity(row['ratio_old'])}")
        for row in rows.iter_rows(named=True)
    ]
    own = _ledger().for_user(settings().user)
    found = holdings.marks(own.transactions(chosen.portfolio.portfolio_id), symbol, splits)
    return found.filter(pl.col("date") <= chosen.as_of)


@st.cache_data(max_entries=64, show_spinner=False)
def _price_line(symbol: str, publication_id: str) -> pl.DataFrame:
    return _reader().query_file("price_line", [symbol], publication_id=publication_id)


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


# Views are frozen: a session may have the object itself, where a copy would take longer than reading it anew.
@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _current(portfolio_id: str, version: int, publication_id: str, day: dt.date) -> CurrentView:
    del version, publication_id  # of the key only: what is read is the newest of both
    own = _ledger().for_user(settings().user)
    return current_view(_reader(), own, own.portfolio(portfolio_id), today=day)


@st.cache_resource(max_entries=16, ttl=3600, show_spinner="Computing")
def _asked(
    portfolio_id: str,
    version: int,
    publication_id: str,
    as_of: dt.date,
    known_on: dt.date | None,
    *,
    with_journal: bool = False,
) -> CompleteView:
    del version, publication_id  # of the key only
    own = _ledger().for_user(settings().user)
    asked = Asked(as_of=as_of, known_on=known_on, with_journal=with_journal)
    return asked_view(_reader(), own, own.portfolio(portfolio_id), asked)
