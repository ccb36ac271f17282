"""The payments behind a sum, in a dialog over the page.

Belongs here: opening it. Does not: which payments (`views.income`), figures that the document has (`explaining`).
"""

import streamlit as st

from dashboard import tables
from dashboard.columns import configured
from dashboard.dialogs import dialog
from dashboard.explaining import ICON
from dashboard.views import income as view_of
from dashboard.views.verbatim import verbatim
from pipelines.portfolio.models import CompleteView


@dialog("The payments behind it", icon=ICON)
def show(view: CompleteView, symbol: str, year: str) -> None:
    """Show what a symbol paid in a year; `views.income.NO_SYMBOL` is what is of none."""
    rows = view_of.payments_of(view, symbol, year)
    st.caption(f"{verbatim(symbol)}, {year}. In {view.base_currency}, but for what is local.")
    columns = configured(view_of.PAYMENT_COLUMNS)
    tables.show(rows, key="payments-behind", name=f"{symbol}-{year}", columns=columns, in_dialog=True)
