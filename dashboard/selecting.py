"""What a visitor selects in a table or a chart.

Belongs here: telling a selection that is new from one that stays while the page runs again. Does not: what comes of it.
"""

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

Selected = TypeVar("Selected")


def newly_selected(selection: Sequence[Selected], key: str) -> Selected | None:
    """Return what is selected, once: it stays selected while the page runs again, as when its dialog is dismissed.

    Args:
        selection: What is selected, nothing or one.
        key: Of the table or the chart among all of a page's.
    """
    selected = selection[0] if selection else None
    before = st.session_state.get(f"{key}_selected")
    st.session_state[f"{key}_selected"] = selected
    return None if selected == before else selected
