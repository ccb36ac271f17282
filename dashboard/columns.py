"""How each kind of column is drawn.

Belongs here: Streamlit's configuration. Does not: which columns a table has (`views`).
"""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from dashboard.views.columns import Column, Kind

_FORMATS = {
    Kind.PRICE: "localized",
    Kind.MONEY: "localized",
    Kind.GAIN: "localized",
    Kind.RETURN: "percent",
}

_STEPS = dict.fromkeys((Kind.PRICE, Kind.MONEY, Kind.GAIN), 0.01)
"""What a localised figure is shown to; files have every digit."""


def configured(columns: Iterable[Column], *, largest: float = 1.0) -> dict[str, Any]:
    """Return the configuration of a table's columns by title; ``largest`` is the share that a full bar stands for."""
    return {column.title: _configured(column, largest) for column in columns}


def _configured(column: Column, largest: float) -> Any:
    about: dict[str, Any] = {"label": column.title, "help": column.help}
    if column.kind is Kind.TEXT:
        return st.column_config.TextColumn(**about)
    if column.kind is Kind.DATE:
        return st.column_config.DateColumn(**about, format="localized")
    if column.kind is Kind.SHARE:
        return st.column_config.ProgressColumn(**about, format="percent", min_value=0.0, max_value=largest)
    return st.column_config.NumberColumn(**about, format=_FORMATS.get(column.kind), step=_STEPS.get(column.kind))
