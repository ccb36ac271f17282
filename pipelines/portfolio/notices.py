"""What a reader of the view must know: what is missing, ignored or ambiguous (CALCULATIONS 10).

Belongs here: warnings about the view as a whole. Does not: those about one transaction (`booking.journal`).
"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from pipelines.portfolio.booked import Booked
from pipelines.portfolio.holdings import Position
from pipelines.portfolio.models import Status, Warning_
from pipelines.portfolio.periods import Stretch, dated_flows
from pipelines.portfolio.returns import xirr, xirr_roots
from pipelines.portfolio.series import Series


def notices(book: Booked, series: Series | None) -> list[Warning_]:
    """Return why figures of the view are missing or to be read with care."""
    found, as_of = [], book.asked.as_of
    for position in book.positions:
        if position.is_open and position.quote.status is Status.MISSING:
            found.append(_missing("price_missing", f"no price of {position.key[1]} on or before {as_of}", position))
        elif position.is_open and position.fx.status is Status.MISSING:
            text = f"no rate {position.currency}/{book.asked.base} on or before {as_of}"
            found.append(_missing("fx_missing", text, position))
    if book.ignored:
        text = f"{book.ignored} transactions after {as_of} are not counted"
        found.append(Warning_(code="future_rows_ignored", message=text, data={"rows": book.ignored}))
    if series is not None and book.benchmark is not None and not book.prices.currency(book.benchmark):
        text = f"no price of the benchmark {book.benchmark}"
        found.append(Warning_(code="benchmark_unknown", message=text, data={"symbol": book.benchmark}))
    return [*found, *_opening_warnings(series), *_xirr_warnings(book, series)]


def _opening_warnings(series: Series | None) -> list[Warning_]:
    """Say on which days there was less than nothing to make a return on (CALCULATIONS 5)."""
    days = series.days if series else []
    openings = ((day, (before.value or 0) + (day.flow_in or 0)) for before, day in pairwise(days))
    below = [day.date.isoformat() for day, opening in openings if opening < 0]
    if not below:
        return []
    text = f"the opening value of {len(below)} days is negative, the first {below[0]}: no time-weighted return spans it"
    return [Warning_(code="negative_opening", message=text, data={"first": below[0], "days": len(below)})]


def _missing(code: str, message: str, position: Position) -> Warning_:
    return Warning_(code=code, message=message, data={"symbol": position.key[1], "account": position.key[0]})


def _turns(flows: Sequence[tuple[dt.date, float]]) -> int:
    """Return how often dated flows change sign; up to once there is one rate at most."""
    signs = [amount > 0 for _, amount in sorted(flows)]
    return sum(before != after for before, after in pairwise(signs))


def _xirr_warnings(book: Booked, series: Series | None) -> list[Warning_]:
    if series is None or not series.days:
        return []
    stretch = Stretch.whole(series.days, opened=book.opening is not None, end=book.asked.as_of)
    flows = dated_flows(stretch)
    if flows is None:
        return []
    days, amounts = [day for day, _ in flows], [amount for _, amount in flows]
    found = xirr(days, amounts)
    if found.rate is None:
        return [Warning_(code=f"xirr_{found.reason}", message="the flows have no money-weighted return", data={})]
    roots = xirr_roots(days, amounts) if _turns(flows) > 1 else ()
    if len(roots) > 1:
        return [Warning_(code="xirr_several_roots", message="several rates fit the flows", data={"roots": list(roots)})]
    return []
