"""What a visitor saw when they looked last.

Belongs here: keeping and reading it. Does not: wording (`views.since`).
"""

import datetime as dt
from decimal import Decimal

import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data.served import ops, own_ledger, publication, settings
from warehouse.ops.visits import Seen


def seen(chosen: Chosen, value: Decimal | None) -> tuple[Seen | None, Seen]:
    """Record what a visitor sees of a portfolio as it stands; return what they saw in the visit before, and now.

    Args:
        chosen: What they look at.
        value: Of the portfolio, in its base currency.
    """
    now = Seen(dt.datetime.now(dt.UTC), value, publication().id, chosen.portfolio.version)
    return ops().visits().seen(settings().user, chosen.portfolio.portfolio_id, now), now


def currency_then(chosen: Chosen, before: Seen) -> str:
    """Return the currency that a portfolio was counted in when it was seen before."""
    portfolio = chosen.portfolio
    if before.ledger_version == portfolio.version:
        return portfolio.base_currency
    return _currency_then(portfolio.portfolio_id, portfolio.version, before.ledger_version) or portfolio.base_currency


@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _currency_then(portfolio_id: str, version: int, then: int) -> str | None:
    """Return what the first change since then found; None where the portfolio itself was not changed."""
    del version  # of the key only
    changed = own_ledger().events(portfolio_id, "portfolio", portfolio_id)
    later = (event.before for event in changed if event.version is not None and event.version > then)
    return next((str(before["base_currency"]) for before in later if before), None)
