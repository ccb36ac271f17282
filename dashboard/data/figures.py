"""The view that a visitor looks at, and where its figures come from.

Belongs here: views as they stand and as asked for, cached by publication, ledger version and both days. Does not:
anything that is not in the document (`symbols`, `runs`).
"""

import datetime as dt

import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data.served import own_ledger, publication, reader
from pipelines.asked import Asked, asked_view
from pipelines.current import CurrentView, current_view
from pipelines.portfolio.explain import Explanation, Figure, taken_apart
from pipelines.portfolio.models import CompleteView

Key = tuple[str, int, str, dt.date, dt.date | None, dt.date | None]
"""A portfolio, its version, the publication, the valuation day, the day of knowledge, and the one the period opens."""


def view(chosen: Chosen) -> CurrentView:
    """Return what the visitor looks at; the publication, the ledger's version and all days are the cache's key."""
    asked = key(chosen)
    portfolio_id, version, published, as_of, _, since = asked
    if chosen.is_now and since is None:
        return _current(portfolio_id, version, published, as_of)
    return CurrentView(_asked(*asked), live=False)


def key(chosen: Chosen) -> Key:
    """Return what decides every figure of what the visitor looks at, for caches of what is made of it."""
    portfolio = chosen.portfolio
    return portfolio.portfolio_id, portfolio.version, publication().id, chosen.as_of, chosen.known_on, since(chosen)


def since(chosen: Chosen) -> dt.date | None:
    """Return the day at whose close the period opens; None for everything, as where the portfolio is younger."""
    opened = chosen.opened_on
    if opened is None:
        return None
    performance = view(chosen.whole).view.performance
    days = performance.daily.column("date") if performance else ()
    return opened if days and days[0] <= opened else None


def explanation(chosen: Chosen, asked: Figure) -> Explanation:
    """Return where a figure of what the visitor looks at comes from, down to its rows.

    Raises:
        UnknownFigureError: If the view has no such figure.
    """
    return taken_apart(_asked(*key(chosen), with_journal=True), asked)


# Views are frozen: a session may have the object itself, where a copy would take longer than reading it anew.
@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _current(portfolio_id: str, version: int, publication_id: str, day: dt.date) -> CurrentView:
    del version, publication_id  # of the key only: what is read is the newest of both
    own = own_ledger()
    return current_view(reader(), own, own.portfolio(portfolio_id), today=day)


@st.cache_resource(max_entries=16, ttl=3600, show_spinner="Computing")
def _asked(
    portfolio_id: str,
    version: int,
    publication_id: str,
    as_of: dt.date,
    known_on: dt.date | None,
    since: dt.date | None,
    *,
    with_journal: bool = False,
) -> CompleteView:
    del version, publication_id  # of the key only
    own = own_ledger()
    asked = Asked(as_of=as_of, known_on=known_on, since=since, with_journal=with_journal)
    return asked_view(reader(), own, own.portfolio(portfolio_id), asked)
