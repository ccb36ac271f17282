"""What every form shares that changes the ledger: trying, saying what was done, and what the visitor has looked at.

Belongs here: one way to change something from a page. Does not: fields of a form, how a refusal is told (`entered`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dashboard.panels.entered import told
from dashboard.views.verbatim import verbatim

_DONE, _REMARKS, _ROUND, _SEEN = "editing_done", "editing_remarks", "editing_round", "editing_seen"


def say_what_was_done() -> None:
    """Say once what the run before has done."""
    if done := st.session_state.pop(_DONE, None):
        st.success(verbatim(done), icon=":material/check_circle:")
        st.toast(verbatim(done), icon=":material/check_circle:")  # for who stands further down the page
    for remark in st.session_state.pop(_REMARKS, ()):
        st.warning(remark, icon=":material/info:")


def done(words: str, remarks: Sequence[str] = ()) -> None:
    """Begin the page anew, with empty forms, and say what was done and what is to be known of it."""
    st.session_state[_DONE], st.session_state[_REMARKS] = words, remarks
    begin_anew()
    st.rerun()


def begin_anew() -> None:
    """Forget what was typed and looked at."""
    st.session_state[_ROUND] = turn() + 1
    st.session_state.pop(_SEEN, None)


def turn() -> int:
    """Return the number of times that forms began anew, which is part of their keys."""
    return int(st.session_state.get(_ROUND, 0))


def attempt(change: Callable[[], object]) -> bool:
    """Make a change and return whether it was taken; where it is refused, say why and leave everything as typed."""
    with told():
        change()
        return True
    return False


def seen(name: str, now: Any) -> Any:
    """Return a thing as it was when the visitor began to look at it; the page runs again when others change it."""
    known: dict[str, Any] = st.session_state.setdefault(_SEEN, {})
    return known.setdefault(name, now)


def offer_anew(looked_at: Any, now: Any) -> None:
    """Offer a thing as it is now, where somebody else has changed it since the visitor began to look at it."""
    if now != looked_at:
        st.button("Load it as it is now", key="anew", icon=":material/refresh:", on_click=begin_anew)
