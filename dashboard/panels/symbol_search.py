"""The field that takes a symbol or a name, and what a name may mean.

Belongs here: the field, its matches in the warehouse and at providers, and taking one of them. Does not: the page of a
symbol (`app_pages.research`), asking (`data.research`).
"""

from collections.abc import Mapping

import polars as pl
import streamlit as st

from dashboard import tables
from dashboard.columns import configured
from dashboard.panels import lookups
from dashboard.views import research as view_of
from dashboard.views.verbatim import verbatim
from pipelines import research as asked

_FIELD, _CLICKED = "symbol", "clicked_symbol"


def field() -> str:
    """Show the field and return what is in it."""
    # Its value can be set only before it is drawn.
    if _CLICKED in st.session_state:
        st.session_state[_FIELD] = st.session_state.pop(_CLICKED)
    typed = st.text_input(
        "Symbol or name",
        key=_FIELD,
        bind="query-params",
        placeholder="AAPL, or a part of a name",
        icon=":material/search:",
        width=420,
    )
    return (typed or "").strip()


def stored(text: str, known: Mapping[str, str]) -> None:
    """Show the stored symbols that a text may mean, all where there is none; a click puts one into the field."""
    found = view_of.stored_matches(text, known)
    if not found.is_empty():
        st.markdown("**Stored**")
        _listed(found, "stored")


def matches(text: str, known: Mapping[str, str]) -> None:
    """Show what a text may mean; a click on a symbol puts it into the field.

    Args:
        text: What was typed.
        known: Names of the stored symbols.
    """
    stored(text, known)
    st.markdown("**At providers**")
    answer = lookups.show(asked.search(text), key="search", label="Search at providers")
    if answer:
        _listed(view_of.matches(answer), "matches")
    elif answer is not None:
        st.info(f"No provider knows anything by {verbatim(repr(text))}.", icon=":material/search_off:")


def _listed(frame: pl.DataFrame, key: str) -> None:
    cell = tables.show(frame, key=key, name=key, columns=configured(view_of.MATCH_COLUMNS), selects=True)
    if cell is not None and cell[1] == "Symbol":
        st.session_state[_CLICKED] = frame["Symbol"][cell[0]]
        st.rerun()
