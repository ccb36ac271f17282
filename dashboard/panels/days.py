"""A field that takes a day, of which all that reads as one arrives.

Belongs here: the field. Does not: which days can be taken (`views.typed`, `pipelines.importers`), the day that a page
is valued on (`chosen`).
"""

import datetime as dt

import streamlit as st

FORMAT = "YYYY-MM-DD"


def field(title: str, start: dt.date | None, *, key: str, width: int | None = None) -> dt.date | None:
    """Show a field of a form and return the day in it, None where it was emptied.

    It has no bounds: a browser keeps a day beyond them to itself, and the one before it would be taken in its place.

    Args:
        title: What stands above it.
        start: The day that stands in it at first.
        key: Of the field among all of a page's.
        width: In pixels, by default all there is.
    """
    st.session_state.setdefault(key, start)  # not as its default, for then an emptied field would be filled again
    return st.date_input(
        title,
        value=None,
        min_value=dt.date.min,
        max_value=dt.date.max,
        key=key,
        format=FORMAT,
        width="stretch" if width is None else width,
    )
