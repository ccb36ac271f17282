"""Following what is published and stated: the page runs again when either has changed.

Belongs here: looking for changes. Does not: reading figures (`data`), saying how old they are (`views.frame`).
"""

import streamlit as st

from dashboard import dialogs
from dashboard.data import served

_EVERY = 1.0
"""Seconds between two looks; one reads a link and a row."""


@st.fragment(run_every=_EVERY)
def follow(seen: served.Versions) -> None:
    """Run the page again as soon as there is something newer than it has read."""
    # Nothing is drawn while nothing changes: what a fragment draws would flicker with each look.
    if served.versions() == seen:
        return
    if dialogs.is_open():  # a run of the page would close it and lose what was typed
        st.caption("Newer figures are there; they are shown when the dialog is closed.")
        return
    st.rerun()
