"""Who reads: the locale that the browser tells, and whether amounts are hidden.

Belongs here: asking the session, once a run. Does not: how a figure is written (`formats`).
"""

import streamlit as st

from pipelines import formats

_HIDES = "hides_amounts"


def begin() -> None:
    """Write every figure of this run for who reads it; each run of a page or of a part of one starts with it."""
    reader = formats.Reader(formats.locale_of(st.context.locale), bool(st.session_state.get(_HIDES)))
    formats.write_for(reader)


def privacy() -> None:
    """Show the switch that hides amounts, which lasts as long as the session."""
    st.toggle(
        "Hide amounts",
        key=_HIDES,
        help="Amounts and quantities are not shown; returns and weights are.",
        persist_state="session",
    )
