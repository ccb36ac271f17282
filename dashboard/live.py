"""Following what is published and stated: the page runs again when either has changed.

Belongs here: looking for changes, and how often. Does not: reading figures (`data`), saying how old they are
(`views.frame`).
"""

import time
import uuid

import streamlit as st

from dashboard import dialogs
from dashboard.data import served
from dashboard.states import UNREADABLE, unreadable

EVERY = 0.5
"""Seconds between two looks of a visitor at the least, so that what is new is drawn within one; one reads a link and a
row."""
LOOKS_A_SECOND = 60
"""What all visitors may take of the server together: with more of them, each looks less often."""
_JUST_READ = "page_just_read"
_AWAY = 30.0
"""Seconds after which whoever has not looked has left."""


def follow(seen: served.Versions, *, is_whole: bool) -> None:
    """Run the page again as soon as there is something newer than it has read.

    Args:
        seen: What it has read.
        is_whole: Whether the file that it reads is the one that was published.
    """
    visitors = _visitors(st.session_state.setdefault("visitor", uuid.uuid4().hex))
    # The fragment runs at once, and the page has looked a moment ago; where that file is changed, it says so at once.
    st.session_state[_JUST_READ] = is_whole
    st.fragment(_look, run_every=interval(visitors))(seen)


def interval(visitors: int) -> float:
    """Return the seconds between two looks of each of so many visitors."""
    return max(EVERY, visitors / LOOKS_A_SECOND)


def _look(seen: served.Versions) -> None:
    # Nothing is drawn while nothing changes: what a fragment draws would flicker with each look.
    if st.session_state.pop(_JUST_READ, False):
        return
    _visitors(st.session_state["visitor"])
    try:
        newest = served.versions()
    except UNREADABLE as error:
        said = f"{unreadable(error)} Below is what was read before."
        with st.container(key="not_read"):  # while it stands, the page's style hides how old prices are
            st.error(said, icon=":material/error:")
        return
    if newest == seen:
        return
    if dialogs.is_open():  # a run of the page would close it and lose what was typed
        st.caption("Newer figures are there; they are shown when the dialog is closed.")
        return
    st.rerun()


@st.cache_resource(max_entries=1)
def _last_looks() -> dict[str, float]:
    return {}


def _visitors(name: str) -> int:
    """Note that a visitor is there, and return how many are."""
    looks, now = _last_looks(), time.monotonic()
    looks[name] = now
    for other, at in list(looks.items()):
        if now - at > _AWAY:
            looks.pop(other, None)
    return len(looks)
