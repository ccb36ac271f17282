"""Tables: one way to show a frame and to take it away.

Belongs here: a table with its downloads and the cell that was clicked. Does not: which rows and columns (`views`).
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import first_look
from dashboard.files import written
from dashboard.masked import for_reader
from dashboard.selecting import newly_selected
from pipelines import formats

_HEAD, _ROW, _ROWS = 40, 35, 10
"""Pixels of a table's head and of a row of it, and how many rows of a long one are seen."""
_SOON_ROWS = 3_000
"""Of a spreadsheet that is made in half a second."""
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
    in_dialog: bool = False,
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
        in_dialog: Whether it stands in a dialog, where files are made before they are asked for.
    """
    event: Any = None
    if first_look.tables_wait() and not in_dialog:
        st.skeleton(height=_HEAD + _ROW * max(1, min(frame.height, _ROWS)))
    else:
        event = _drawn(frame, columns or {}, key=key, order=order, selects=selects)
    if not formats.hides_amounts():  # a file has every digit
        _downloads(frame if whole is None else whole, key=key, name=name, at_once=in_dialog)
    if event is None or not selects:
        return None
    return newly_selected([(int(row), str(column)) for row, column in event["selection"]["cells"]], key)


def _drawn(frame: pl.DataFrame, columns: Mapping[str, Any], *, key: str, order: list[str] | None, selects: bool) -> Any:
    shown, configuration = for_reader(frame, columns)
    return st.dataframe(
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


def _downloads(frame: pl.DataFrame, *, key: str, name: str, at_once: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key=f"{key}_downloads"):
        for kind, mime in _MIME.items():
            st.download_button(
                kind.upper(),
                data=written(frame, kind) if at_once and _is_soon_made(frame, kind) else partial(written, frame, kind),
                file_name=f"{name}.{kind}",
                mime=mime,
                key=f"{key}_{kind}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


def _is_soon_made(frame: pl.DataFrame, kind: str) -> bool:
    """Return whether a file can be made while its table is drawn.

    A button whose file is made at the click is out of order meanwhile, which takes the keyboard away from a dialog: Esc
    would not close it any more.
    """
    return kind != "xlsx" or frame.height <= _SOON_ROWS
