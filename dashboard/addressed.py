"""What an address asks for that is not there: said, as long as something else stands in its place.

Belongs here: noticing it before the control that the address fills is drawn, which drops what it does not know. Does
not: what is said (`views.addressed`).
"""

from collections.abc import Callable, Container

import streamlit as st

_UNMET = "addressed_unmet"


def notice(key: str, known: Container[str]) -> None:
    """Note what the address asks a control for, if it cannot have that; before the control is drawn.

    Args:
        key: Of the control, and of what the address says to it.
        known: What it can have.
    """
    asked = st.query_params.get(key)
    if asked and asked not in known:
        _unmet()[key] = (asked, None)


def say(key: str, words: Callable[[str], str]) -> None:
    """Say what could not be had, until something is chosen; after the control is drawn."""
    if key not in _unmet():
        return
    asked, before = _unmet()[key]
    shown = (st.session_state.get(key),)
    if before not in {None, shown}:
        del _unmet()[key]
        return
    _unmet()[key] = (asked, shown)
    st.warning(words(asked), icon=":material/link_off:")


def _unmet() -> dict[str, tuple[str, tuple[object] | None]]:
    """Return what was asked for by control, and what was shown in its place."""
    found: dict[str, tuple[str, tuple[object] | None]] = st.session_state.setdefault(_UNMET, {})
    return found
