"""Telling what is refused of a form, in place.

Belongs here: refusals beside the form; the rest of the page stays. Does not: reading what was typed (`views.typed`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.views.typed import TypedError
from pipelines.portfolio.errors import EngineError
from warehouse.ledger import LedgerError


@contextmanager
def told() -> Iterator[None]:
    """Say why what was entered is not taken."""
    try:
        yield
    except (EngineError, LedgerError, TypedError) as error:
        st.error(f"{str(error).removesuffix('.')}.", icon=":material/error:")
