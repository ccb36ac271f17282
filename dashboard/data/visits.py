"""What a visitor saw when they looked last.

Belongs here: keeping and reading it. Does not: wording (`views.since`).
"""

import datetime as dt
from decimal import Decimal

from dashboard.chosen import Chosen
from dashboard.data.served import ops, publication, settings
from warehouse.ops.visits import Seen


def seen(chosen: Chosen, value: Decimal | None) -> tuple[Seen | None, Seen]:
    """Record what a visitor sees of a portfolio as it stands; return what they saw in the visit before, and now.

    Args:
        chosen: What they look at.
        value: Of the portfolio, in its base currency.
    """
    now = Seen(dt.datetime.now(dt.UTC), value, publication().id, chosen.portfolio.version)
    return ops().visits().seen(settings().user, chosen.portfolio.portfolio_id, now), now
