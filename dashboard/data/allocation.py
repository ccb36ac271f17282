"""What the Allocation page states and asks for: targets, and the trades that would restore them.

Belongs here: writing targets to the ledger, prices of what is not held yet. Does not: the document (`figures`), the
trades themselves (`pipelines.portfolio.rebalancing`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data import figures
from dashboard.data.served import own_ledger, reader
from pipelines.asked import Asked, market_frames
from pipelines.portfolio.rebalancing import Rebalancing, offers, rebalance


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What trades have to respect, as `pipelines.portfolio.rebalancing.rebalance` has it."""

    whole_units: bool
    cash_only: bool
    cash: Decimal
    fee_fixed: Decimal
    fee_rate: Decimal
    tolerance: Decimal
    minimum_trade: Decimal


def save_targets(
    chosen: Chosen, dimension: str, targets: Mapping[str, Decimal], seen: Mapping[str, Decimal] | None = None
) -> None:
    """State the target weights of a dimension, in place of those it had, unless it has others by now than were seen.

    Raises:
        LedgerError: If the ledger refuses them, or somebody else has changed them meanwhile.
    """
    own_ledger().set_targets(chosen.portfolio.portfolio_id, dimension, targets, seen=seen)


def rebalanced(chosen: Chosen, dimension: str, terms: Terms) -> Rebalancing:
    """Return the trades that would bring the portfolio that is looked at to its targets.

    Raises:
        RebalancingError: If a term makes no sense, or there is no value.
    """
    return _rebalanced(figures.key(chosen), dimension, terms, chosen)


@st.cache_resource(max_entries=32, ttl=3600, show_spinner="Looking for trades")
def _rebalanced(key: tuple[object, ...], dimension: str, terms: Terms, _chosen: Chosen) -> Rebalancing:
    del key  # of the cache only
    view = figures.view(_chosen).view
    targets = {row.key: row.target for row in view.allocations[dimension] if row.target is not None}
    others = sorted(set(targets) - set(view.holdings.column("symbol"))) if dimension == "symbol" else []
    before = Asked(as_of=_chosen.as_of, known_on=_chosen.known_on).known_before
    return rebalance(
        view,
        targets,
        dimension=dimension,
        whole_units=terms.whole_units,
        cash_only=terms.cash_only,
        cash=terms.cash,
        fee_fixed=terms.fee_fixed,
        fee_rate=terms.fee_rate,
        tolerance=terms.tolerance,
        minimum_trade=terms.minimum_trade,
        offers=offers(market_frames(reader(), others, before), others, at=view) if others else None,
    )
