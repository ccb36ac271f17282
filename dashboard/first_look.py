"""A visitor's first page: its figures at once, its charts a moment later.

Belongs here: whether charts wait, and the run in which they come. Does not: charts (`charting`), news (`live`).

A browser that is sent both runs the library of the charts, five megabytes, before it shows a figure.
"""

import streamlit as st

from dashboard import dialogs

SOON = 1.0
"""Seconds between the figures and the charts: until then the browser of a slow machine has drawn figures and tables."""
_BEGUN, _WAIT, _CAME = "first_look_begun", "charts_wait", "charts_came"


def begin() -> None:
    """Have charts wait in the first run of a session, and run the page again soon."""
    waited = charts_wait()
    st.session_state[_WAIT] = _BEGUN not in st.session_state
    st.session_state[_CAME] = waited and not charts_wait()
    # It is there in every run: were it gone in the second, all that follows would move, and lose what is being typed.
    with st.container():
        if charts_wait():
            st.fragment(_go_on, run_every=SOON)()


def charts_wait() -> bool:
    """Return whether this run shows figures only."""
    return bool(st.session_state.get(_WAIT, False))


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
