"""What a sale would close and gain, asked of the engine.

Belongs here: previews of a sale under every method, cached by what decides them. Does not: the document (`figures`),
the printed tax year (`pipelines.reports.tax_year`).
"""

import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data.served import own_ledger, publication, reader
from pipelines.asked import Asked, frames_for
from pipelines.portfolio.models import CostMethod, SalePreview
from pipelines.portfolio.what_if import Sale, preview_sale


def previews(chosen: Chosen, sale: Sale) -> list[SalePreview]:
    """Return what a sale would close and gain, a row a method.

    Raises:
        OversoldError: If it is more than is held.
        NoPriceError: If no price is given and there is none.
    """
    portfolio = chosen.portfolio
    key = (portfolio.portfolio_id, portfolio.version, publication().id, chosen.known_on)
    return _previews(key, sale, chosen)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner="Looking at the lots")
def _previews(key: tuple[object, ...], sale: Sale, _chosen: Chosen) -> list[SalePreview]:
    del key  # of the cache only
    before = Asked(as_of=_chosen.as_of, known_on=_chosen.known_on).known_before
    portfolio = _chosen.portfolio
    ledger, market = frames_for(reader(), own_ledger(), portfolio, before)
    method = CostMethod(portfolio.cost_method)
    return preview_sale(ledger, market, sale, base_currency=portfolio.base_currency, cost_method=method)
