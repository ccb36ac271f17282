"""What was paid in until a day, taken apart.

Belongs here: the sum that is drawn beside the value of each day. Does not: the series (`pipelines.portfolio.paid_in`),
what one day's flow was made of (`days`).
"""

import datetime as dt
from decimal import Decimal

from pipelines.portfolio.exact import whole
from pipelines.portfolio.explain.days import Days, flow_parts
from pipelines.portfolio.explain.tree import Explanation, summed
from pipelines.portfolio.models import CompleteView


def explain_paid_in(view: CompleteView, day: dt.date) -> Explanation:
    """Return what was paid in until a day less what was taken out, base currency; with a part not known, neither is it.

    Args:
        view: The view, with its history.
        day: One of its days.
    """
    of = Days.whole(view)
    high = next(at for at, row in enumerate(of.all) if row.date == day)
    parts = flow_parts(of._replace(low=-1, high=high))
    value = whole(part.value for part in parts if part.value is None or isinstance(part.value, Decimal))
    return summed(f"paid in until {day}, net", value, parts, view.base_currency)
