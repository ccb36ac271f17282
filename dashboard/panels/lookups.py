"""A look-up on a page: the last answer at once, with its age, and a button that asks.

Belongs here: the state of one look-up. Does not: what an answer looks like (`app_pages.research`), asking
(`data.research`).
"""

from typing import TypeVar

import streamlit as st

from dashboard.data import research
from dashboard.views.research import said
from dashboard.views.verbatim import verbatim
from pipelines.research import Lookup

Answer = TypeVar("Answer")


def show(lookup: Lookup[Answer], *, key: str, label: str) -> Answer | None:
    """Return the last answer, after asking where a visitor wants that; say who gave it and when.

    Args:
        lookup: What is looked up.
        key: Of the look-up among all of a page's.
        label: Of the button that asks.
    """
    found = research.last(lookup)
    with st.container(horizontal=True, vertical_alignment="center", key=f"lookup_{key}"):
        if st.button(label, key=f"ask_{key}", icon=":material/cloud_download:"):
            with st.spinner("Asking providers"):
                found = research.ask(lookup)
        age = said(found, research.now())
        if age is not None:
            st.caption(age)
    if found.trouble is not None:
        older = "" if found.answer is None else " What follows is the last answer."
        st.warning(f"Nobody answers now: {verbatim(found.trouble)}.{older}", icon=":material/cloud_off:")
    return found.answer
