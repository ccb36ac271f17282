"""Telling what becomes of what was entered: refused, in place, or done.

Belongs here: saying so; the rest of the page stays. Does not: reading what was typed (`views.typed`), a refusal's words
(`views.refusals`), forms that begin anew (`editing`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.views.refusals import refusal
from dashboard.views.typed import TypedError
from dashboard.views.verbatim import verbatim, with_commands
from pipelines.importers import ImportFileError
from pipelines.portfolio.errors import EngineError
from warehouse.ledger import LedgerError


@contextmanager
def told() -> Iterator[None]:
    """Say why what was entered is not taken, and leave everything as typed."""
    try:
        yield
    except (EngineError, ImportFileError, LedgerError, TypedError) as error:
        st.error(with_commands(refusal(error)), icon=":material/error:")


def done(said: str) -> None:
    """Say what was done, and show the page anew."""
    st.toast(verbatim(said), icon=":material/check:")
    st.rerun()


def make(change: Callable[[], None], said: str) -> None:
    """Make a change and say that it was done, or why it is not taken."""
    with told():
        change()
        done(said)
