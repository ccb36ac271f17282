"""Who reads: the locale that the browser tells, and whether amounts are hidden.

Belongs here: asking the session, once a run. Does not: how a figure is written (`formats`).
"""

import streamlit as st

from dashboard import addressed
from pipelines import formats

_HIDES = "hides_amounts"


def begin() -> None:
    """Write every figure of this run for who reads it; each run of a page or of a part of one starts with it."""
    formats.write_for(formats.Reader(formats.locale_of(st.context.locale), _hides_amounts()))


def privacy() -> None:
    """Show the switch that hides amounts, which the address remembers."""
    with addressed.expected("Hide amounts", _HIDES, addressed.Switch()):
        st.toggle(
            "Hide amounts",
            key=_HIDES,
            help="Amounts and quantities are not shown, and no files of them are offered; returns and weights are.",
            bind="query-params",
        )


def _hides_amounts() -> bool:
    """Return what the switch says; before it is shown at first, only the address knows it."""
    return bool(st.session_state.get(_HIDES, st.query_params.get(_HIDES, "").lower() == "true"))
