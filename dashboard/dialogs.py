"""Dialogs: parts of a page that stand above it until they are dismissed.

Belongs here: what every dialog needs. Does not: what is in one.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Protocol

import streamlit as st

from dashboard import reading

P = ParamSpec("P")
_OPEN = "dialog_is_open"


class _Shown(Protocol[P]):
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None: ...


def begin() -> None:
    """Say that no dialog is open yet in this run of the page."""
    st.session_state[_OPEN] = False


def is_open() -> bool:
    """Return whether a dialog stands above the page, which a run of the whole page would close."""
    return bool(st.session_state.get(_OPEN))


def dialog(title: str, *, icon: str) -> Callable[[Callable[P, None]], _Shown[P]]:
    """Make a function a dialog: calling it opens it, dismissing it runs the page."""

    def decorated(body: Callable[P, None]) -> _Shown[P]:
        @st.dialog(title, width="large", icon=icon, on_dismiss="rerun")
        @wraps(body)
        def inside(*args: P.args, **kwargs: P.kwargs) -> None:
            reading.begin()
            body(*args, **kwargs)

        @wraps(body)
        def shown(*args: P.args, **kwargs: P.kwargs) -> None:
            st.session_state[_OPEN] = True
            inside(*args, **kwargs)

        return shown

    return decorated
