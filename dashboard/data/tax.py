"""Realised gains and open lots as frames, and what a sale would close and gain, asked of the engine.

Belongs here: these, cached by what decides them. Does not: the document (`figures`), the printed tax year
(`pipelines.reports.tax_year`).
"""

import polars as pl
import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data import figures
from dashboard.data.served import own_ledger, reader
from pipelines.asked import Asked, frames_for
from pipelines.portfolio.models import SalePreview
from pipelines.portfolio.open_lots import open_lots as lots_of
from pipelines.portfolio.what_if import Sale, preview_sale


def gains(chosen: Chosen) -> pl.DataFrame:
    """Return the realised gains of what the visitor looks at, a row a lot, in the document's order."""
    return _gains(figures.key(chosen), chosen)


# A frame never changes: a session may have the object itself, as of views.
@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _gains(key: tuple[object, ...], _chosen: Chosen) -> pl.DataFrame:
    del key  # of the cache only
    return figures.view(_chosen).view.realized_gains.frame()


def open_lots(chosen: Chosen) -> pl.DataFrame:
    """Return the open lots of what the visitor looks at, as `pipelines.portfolio.open_lots` has them."""
    return _open_lots(figures.key(chosen), chosen)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _open_lots(key: tuple[object, ...], _chosen: Chosen) -> pl.DataFrame:
    del key  # of the cache only
    return lots_of(figures.view(_chosen).view)


def previews(chosen: Chosen, sale: Sale) -> list[SalePreview]:
    """Return what a sale would close and gain, a row a method.

    Raises:
        OversoldError: If it is more than is held.
        NoPriceError: If no price is given and there is none.
    """
    return _previews(figures.key(chosen), sale, chosen)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner="Looking at the lots")
def _previews(key: tuple[object, ...], sale: Sale, _chosen: Chosen) -> list[SalePreview]:
    del key  # of the cache only
    before = Asked(as_of=_chosen.as_of, known_on=_chosen.known_on).known_before
    view = figures.view(_chosen).view  # whose currency and method are those of then, as known then
    ledger, market = frames_for(reader(), own_ledger(), _chosen.portfolio, before)
    return preview_sale(ledger, market, sale, base_currency=view.base_currency, cost_method=view.cost_method)
