"""What the frame says about every figure below it: how old the prices are, and why.

Belongs here: the badge. Does not: notices of a page (`views.overview`), layout.
"""

import datetime as dt
from dataclasses import dataclass

from pipelines import formats
from pipelines.portfolio.models import CompleteView, Status
from warehouse.ops import FailedRun

_USUAL_WEEKDAYS, _SATURDAY = 2, 5
"""Weekdays without a newer price that are nothing unusual: a holiday, and a day that has not closed yet."""


@dataclass(frozen=True, slots=True)
class Badge:
    """The age of the prices in a few words, its level (``good``, ``warning`` or ``error``), and why it is so."""

    text: str
    level: str
    why: str


def badge(view: CompleteView, failed: FailedRun | None) -> Badge | None:
    """Return how old the prices of what is held are; None where nothing is held."""
    state = view.completeness
    if not state.holdings:
        return None
    because = f" The last run failed: {formats.with_days(failed.why)}" if failed else ""
    if state.missing:
        names = ", ".join([*state.missing_symbols, *(f"rates of {code}" for code in state.missing_fx)])
        why = f"Nothing is known for {names}; totals leave it out and say so.{because}"
        kinds = [name for name, of in (("price", state.missing_symbols), ("rate", state.missing_fx)) if of]
        return Badge(f"{state.missing} of {state.holdings} without a {' or '.join(kinds)}", "error", why)
    days = [day for day in view.holdings.column("price_date") if day is not None]
    if state.stale or state.stale_fx:
        names = ", ".join([*state.stale_symbols, *(f"rates of {code}" for code in state.stale_fx)])
        why = f"Older than five sessions: {names}. Run `folio refresh`.{because}"
        return Badge(f"Old prices, from {formats.day(min(days))} on" if days else "Old prices", "warning", why)
    live = Status.LIVE in view.holdings.column("price_status")
    kind = "Live prices" if live else "Closing prices"
    text = f"{kind} of {formats.day(max(days))}" if days else kind
    if days and _weekdays(max(days), view.as_of) > _USUAL_WEEKDAYS:
        return Badge(text, "warning", f"No price has come since. Run `folio refresh`.{because}")
    why = f"Every holding has a price of one of its last five sessions by {formats.day(view.as_of)}.{because}"
    return Badge(text, "good", why)


def _weekdays(first: dt.date, last: dt.date) -> int:
    """Return how many weekdays come after one day until another."""
    return sum((first + dt.timedelta(days=day)).weekday() < _SATURDAY for day in range(1, (last - first).days + 1))
