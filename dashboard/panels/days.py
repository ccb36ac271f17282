"""A field that takes a day, of which all that reads as one arrives.

Belongs here: the field. Does not: which days can be taken (`views.typed`, `pipelines.importers`), the day that a page
is valued on (`chosen`).
"""

import datetime as dt

import streamlit as st

from dashboard import first_look
from dashboard.views.typed import FIRST_DAY, LAST_DAY
from pipelines import formats


def field(title: str, start: dt.date | None, *, key: str, width: int | None = None) -> dt.date | None:
    """Show a field of a form and return the day in it, None where it was emptied.

    Args:
        title: What stands above it.
        start: The day that stands in it at first.
        key: Of the field among all of a page's.
        width: In pixels, by default all there is.
    """
    # Not as its default, for then an emptied field would be filled again. Said once more to a browser that has not
    # drawn the first run: of the second alone it would learn nothing of the day, and the field would be empty.
    if key not in st.session_state or (first_look.charts_came() and st.session_state[key] == start):
        st.session_state[key] = start
    return st.date_input(
        title,
        value=None,
        min_value=FIRST_DAY,
        max_value=LAST_DAY,
        key=key,
        format=formats.typed_day(),
        width="stretch" if width is None else width,
    )
