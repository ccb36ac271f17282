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
from pipelines.portfolio.explain import Explanation, explain
from pipelines.portfolio.models import CompleteView

Key = tuple[str, int, str, dt.date, dt.date | None]
"""A portfolio, its version, the publication, the valuation day, and the day of knowledge."""


def view(chosen: Chosen) -> CurrentView:
    """Return what the visitor looks at; the publication, the ledger's version and both days are the cache's key."""
    if chosen.is_now:
        portfolio_id, version, published, today, _ = key(chosen)
        return _current(portfolio_id, version, published, today)
    return CurrentView(_asked(*key(chosen)), live=False)


def key(chosen: Chosen) -> Key:
    """Return what decides every figure of what the visitor looks at, for caches of what is made of it."""
    portfolio = chosen.portfolio
    return portfolio.portfolio_id, portfolio.version, publication().id, chosen.as_of, chosen.known_on


def explanation(chosen: Chosen, path: str) -> Explanation:
    """Return where a figure of what the visitor looks at comes from, down to its rows.

    Raises:
        UnknownFigureError: If the view has no such figure.
    """
    return explain(_asked(*key(chosen), with_journal=True), path)


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
    *,
    with_journal: bool = False,
) -> CompleteView:
    del version, publication_id  # of the key only
    own = own_ledger()
    asked = Asked(as_of=as_of, known_on=known_on, with_journal=with_journal)
    return asked_view(reader(), own, own.portfolio(portfolio_id), asked)
