"""Tables: one way to show a frame and to take it away.

Belongs here: a table with its downloads and the cell that was clicked. Does not: which rows and columns (`views`).
"""

import io
from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard.masked import for_reader

_MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def show(
    frame: pl.DataFrame,
    *,
    key: str,
    name: str,
    columns: Mapping[str, Any] | None = None,
    order: list[str] | None = None,
    whole: pl.DataFrame | None = None,
    selects: bool = False,
) -> tuple[int, str] | None:
    """Show a frame with its downloads; return row and column of the cell that was selected since the last run.

    Args:
        frame: What is shown.
        key: Of the table among all of a page's.
        name: Of the downloaded file, without its ending.
        columns: Streamlit's column configuration.
        order: Columns to show, all of them by default; a download has all.
        whole: What is downloaded, by default what is shown.
        selects: Whether a cell can be selected.
    """
    shown, configuration = for_reader(frame, columns or {})
    event: Any = st.dataframe(
        shown,
        key=key,
        hide_index=True,
        width="stretch",
        column_config=configuration,
        column_order=order,
        on_select="rerun" if selects else "ignore",
        selection_mode="single-cell",
        placeholder="–",
    )
    _downloads(frame if whole is None else whole, key=key, name=name)
    return _newly_selected(event["selection"]["cells"], key) if selects else None


def _newly_selected(cells: list[tuple[int, str]], key: str) -> tuple[int, str] | None:
    """Return the selected cell once: it stays selected while the page runs again, as when its dialog is dismissed."""
    selected = (int(cells[0][0]), str(cells[0][1])) if cells else None
    before = st.session_state.get(f"{key}_selected")
    st.session_state[f"{key}_selected"] = selected
    return None if selected == before else selected


def _downloads(frame: pl.DataFrame, *, key: str, name: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key=f"{key}_downloads"):
        for kind, mime in _MIME.items():
            st.download_button(
                kind.upper(),
                data=partial(written, frame, kind),
                file_name=f"{name}.{kind}",
                mime=mime,
                key=f"{key}_{kind}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


def written(frame: pl.DataFrame, kind: str) -> bytes:
    """Return a frame as a file: ``csv``, ``xlsx`` or ``parquet``; exact figures keep every digit in CSV and Parquet."""
    file = io.BytesIO()
    if kind == "csv":
        frame.write_csv(file)
    elif kind == "parquet":
        frame.write_parquet(file)
    else:
        frame.write_excel(file, autofit=True)
    return file.getvalue()
