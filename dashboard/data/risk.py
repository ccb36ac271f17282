"""What the Risk page shows beside the document: its returns, how holdings move together, returns at constant rates.

Belongs here: asking the engine for them, cached by what decides them. Does not: the document (`figures`).
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl
import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data import figures
from dashboard.data.served import own_ledger, publication, reader
from pipelines.asked import Asked, frames_for, market_frames
from pipelines.portfolio.constant_rates import constant_rate_growth
from pipelines.portfolio.correlations import correlations as correlations_of
from pipelines.portfolio.correlations import paired_returns as returns_of
from pipelines.portfolio.risk_section import observed_returns


def observed(chosen: Chosen) -> pl.DataFrame:
    """Return the returns that risk is measured on, as `pipelines.portfolio.risk_section.observed_returns` has them."""
    return _observed(figures.key(chosen), chosen)


# A frame never changes: a session may have the object itself, as of views.
@st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)
def _observed(key: tuple[object, ...], _chosen: Chosen) -> pl.DataFrame:
    del key  # of the cache only
    return observed_returns(figures.view(_chosen).view)


def correlations(chosen: Chosen, symbols: Sequence[str], base_currency: str, since: dt.date) -> pl.DataFrame:
    """Return how alike some symbols moved, as `pipelines.portfolio.correlations` has it."""
    return _correlations(tuple(symbols), base_currency, since, chosen.as_of, chosen.known_on, publication().id)


def paired_returns(chosen: Chosen, pair: tuple[str, str], base_currency: str, since: dt.date) -> pl.DataFrame:
    """Return what the correlation of two symbols is of, as `pipelines.portfolio.correlations` has it."""
    before = Asked(as_of=chosen.as_of, known_on=chosen.known_on).known_before
    market = market_frames(reader(), pair, before, publication().id)
    return returns_of(market, pair, base_currency=base_currency, since=since, until=chosen.as_of)


def at_constant_rates(chosen: Chosen) -> pl.DataFrame:
    """Return growth as it was and with exchange rates held constant, as `constant_rate_growth` has it."""
    return _at_constant_rates(figures.key(chosen), chosen)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner="Comparing")
def _correlations(
    symbols: tuple[str, ...],
    base_currency: str,
    since: dt.date,
    as_of: dt.date,
    known_on: dt.date | None,
    publication_id: str,
) -> pl.DataFrame:
    before = Asked(as_of=as_of, known_on=known_on).known_before
    market = market_frames(reader(), symbols, before, publication_id)
    return correlations_of(market, symbols, base_currency=base_currency, since=since, until=as_of)


@st.cache_resource(max_entries=16, ttl=3600, show_spinner="Computing")
def _at_constant_rates(key: tuple[object, ...], _chosen: Chosen) -> pl.DataFrame:
    del key  # of the cache only
    view = figures.view(_chosen).view  # whose currency and method are those of then, as known then
    before = Asked(as_of=_chosen.as_of, known_on=_chosen.known_on).known_before
    ledger, market = frames_for(reader(), own_ledger(), _chosen.portfolio, before)
    return constant_rate_growth(
        ledger,
        market,
        as_of=_chosen.as_of,
        base_currency=view.base_currency,
        cost_method=view.cost_method,
        since=view.since,
    )
