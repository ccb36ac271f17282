"""How each kind of column is drawn.

Belongs here: Streamlit's configuration. Does not: which columns a table has (`views`).
"""

from collections.abc import Iterable
from typing import Any

import polars as pl
import streamlit as st

from dashboard.views.columns import Column, Kind

AMOUNT, SIGNED, PERCENT, SIGNED_PERCENT = "%,.2f", "%+,.2f", "%,.2f%%", "%+,.2f%%"
"""As Streamlit writes amounts and hundredths, the English way; `masked` writes them for readers of other locales."""
AS_STORED, PRICE, MONTH = "plain", "price", "month"
"""Every digit; two decimals, or as many as there are; a month as its reader writes it: no format of Streamlit's."""
_TO_HUNDREDTHS = 1e-4
"""Of a share: the browser writes it in the reader's locale, with two decimals even where they are zeros."""

_FORMATS = {
    Kind.PRICE: PRICE,
    Kind.MONEY: AMOUNT,
    Kind.GAIN: SIGNED,
    Kind.RATE: PERCENT,
    Kind.RETURN: SIGNED_PERCENT,
    Kind.COMPACT: "compact",
    Kind.DAYS: "localized",
}


def chosen_titles(columns: Iterable[Column], *, key: str) -> list[str]:
    """Show the choice of a table's columns and return the titles that are chosen, in the table's own order."""
    offered = list(columns)
    titles = [column.title for column in offered]
    with st.popover("Columns", icon=":material/view_column:"):
        asked = st.pills(
            "Columns",
            titles,
            selection_mode="multi",
            default=[column.title for column in offered if column.first],
            key=key,
            label_visibility="collapsed",
            persist_state="session",
        )
    return [title for title in titles if title in asked]


def configured(columns: Iterable[Column], *, largest: float = 1.0) -> dict[str, Any]:
    """Return the configuration of a table's columns by title; ``largest`` is the share that a full bar stands for."""
    return {column.title: _configured(column, largest) for column in columns}


def as_stored(frame: pl.DataFrame) -> dict[str, Any]:
    """Return the configuration of a frame whose columns nobody has named: every digit, ISO dates and times in UTC."""
    return {name: found for name, kind in frame.schema.items() if (found := _as_stored(kind)) is not None}


def _as_stored(kind: pl.DataType) -> Any:
    if kind.is_numeric():
        return st.column_config.NumberColumn(format=AS_STORED)
    if kind == pl.Date:
        return st.column_config.DateColumn(format="YYYY-MM-DD")
    if kind == pl.Datetime:
        return st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", timezone="UTC")
    return None


def _configured(column: Column, largest: float) -> Any:
    about: dict[str, Any] = {"label": column.title, "help": column.help}
    if column.kind is Kind.TEXT:
        return st.column_config.TextColumn(**about)
    if column.kind is Kind.MONTH:
        drawn: Any = st.column_config.TextColumn(**about)
        return {**drawn, "type_config": {**drawn["type_config"], "format": MONTH}}
    if column.kind is Kind.DATE:
        return st.column_config.DateColumn(**about, format="localized")
    if column.kind is Kind.MOMENT:
        return st.column_config.DatetimeColumn(**about, format="localized", timezone="UTC")
    if column.kind is Kind.SHARE:
        return st.column_config.ProgressColumn(
            **about, format="percent", min_value=0.0, max_value=largest, step=_TO_HUNDREDTHS
        )
    return st.column_config.NumberColumn(**about, format=_FORMATS.get(column.kind))
