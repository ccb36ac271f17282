"""The targets of a dimension, to be edited.

Belongs here: the editor, keeping what is typed into it while anything else changes, and saving. Does not: reading what
was typed (`views.allocation`), writing it (`data.allocation`).
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data import allocation as data
from dashboard.panels import editing
from dashboard.views import allocation as view_of
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.portfolio.models import AllocationRow

_BEGUN = "targets_begun"


def show(looked_at: Chosen, dimension: str, title: str, rows: Sequence[AllocationRow]) -> None:
    """Show the classes of a dimension with their targets, which can be changed as known now.

    Args:
        looked_at: What is looked at.
        dimension: What the classes are of.
        title: Its name.
        rows: The classes as they are.
    """
    fixed = looked_at.known_on is not None
    if fixed:
        st.caption("Targets of then; they can be changed only as known now.")
    key = f"targets_{looked_at.portfolio.portfolio_id}_{dimension}_{editing.turn()}"
    begun_with = list(rows) if fixed else begun(key, rows)
    before, now = view_of.editable(begun_with), view_of.editable(rows)
    edited = _editor(before, key=f"{key}_then" if fixed else key, title=title, fixed=fixed)
    if not before.equals(now):
        st.caption(f":material/info: {view_of.meanwhile(begun_with, rows)}")
        editing.offer_anew(begun_with, rows)
    try:
        wanted = view_of.stated(edited.to_dicts())
    except view_of.TargetError as error:
        st.warning(verbatim(str(error)), icon=":material/warning:")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="targets_foot"):
        saved = st.button("Save targets", key="save_targets", type="primary", disabled=fixed)
        st.caption(view_of.summed(wanted))
    seen = view_of.targets(begun_with)
    if saved and editing.attempt(lambda: data.save_targets(looked_at, dimension, wanted, seen)):
        editing.done("The targets are saved.")


def begun(key: str, now: Sequence[AllocationRow]) -> list[AllocationRow]:
    """Return the classes that an editor began with: as they are now until something is typed, from then on as before.

    An editor that is given other rows begins anew, and forgets what was typed.
    """
    known: dict[str, list[AllocationRow]] = st.session_state.setdefault(_BEGUN, {})
    if key not in known or not _is_typed_into(key):
        known.clear()  # of other dimensions: their editors are gone, with what was typed
        known[key] = list(now)
    return known[key]


def _is_typed_into(key: str) -> bool:
    return any(st.session_state.get(key, {}).values())


def _editor(frame: pl.DataFrame, *, key: str, title: str, fixed: bool) -> pl.DataFrame:
    edited: Any = st.data_editor(
        frame,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        placeholder=formats.UNKNOWN,
        disabled=fixed,
        column_config={
            "Class": st.column_config.TextColumn(title),
            "Target, %": st.column_config.NumberColumn(min_value=0.0, max_value=100.0, step=0.01, format="localized"),
        },
    )
    found: pl.DataFrame = edited
    return found
