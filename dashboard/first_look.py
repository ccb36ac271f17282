"""A visitor's first page: its figures at once, its charts a moment later, and its tables where they stand below.

Belongs here: what waits, and the run in which it comes. Does not: tables (`tables`), charts (`charting`), news
(`live`).

A browser that is sent all of it runs the libraries of both, seven megabytes, before it shows a figure.
"""

import streamlit as st

from dashboard import dialogs

SOON = 1.0
"""Seconds between what comes first and the charts: until then a browser has drawn it. What comes sooner is run before
that, and the figures wait for it."""
_BEGUN, _WAIT, _CAME, _BARE = "first_look_begun", "charts_wait", "charts_came", "tables_wait"


def begin(*, bare: bool) -> None:
    """Have charts wait in the first run of a session, and run the page again soon.

    Args:
        bare: Whether the page's figures stand above all else, so that its tables wait, too.
    """
    waited = charts_wait()
    st.session_state[_WAIT] = _BEGUN not in st.session_state
    st.session_state[_CAME] = waited and not charts_wait()
    st.session_state[_BARE] = bare
    # It is there in every run: were it gone in the second, all that follows would move, and lose what is being typed.
    with st.container():
        if charts_wait():
            st.fragment(_go_on, run_every=SOON)()


def charts_wait() -> bool:
    """Return whether this run shows no charts."""
    return bool(st.session_state.get(_WAIT, False))


def tables_wait() -> bool:
    """Return whether this run shows figures only."""
    return charts_wait() and bool(st.session_state[_BARE])


def charts_came() -> bool:
    """Return whether this is the second run: a slow browser may draw this one alone."""
    return bool(st.session_state.get(_CAME, False))


def seen() -> dict[str, bool]:
    """Return the state of a session whose first page has been seen."""
    return {_BEGUN: True}


def _go_on() -> None:
    # Once: a slow server may be asked again before it has run the page. And a run would close a dialog.
    if _BEGUN in st.session_state and charts_wait() and not dialogs.is_open():
        st.rerun()
    st.session_state[_BEGUN] = True  # a fragment runs with its page, too
