"""What the Overview draws, kept as long as the figures behind it stay.

Belongs here: its cache. Does not: what it is (`views.glance`).
"""

import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data import figures
from dashboard.views import glance as view_of


def glance(chosen: Chosen) -> view_of.Glance:
    """Return lines and tables of the Overview of what the visitor looks at."""
    return _glance(figures.key(chosen), chosen)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _glance(key: tuple[object, ...], _chosen: Chosen) -> view_of.Glance:
    del key  # of the cache only
    return view_of.glance(figures.view(_chosen).view)
