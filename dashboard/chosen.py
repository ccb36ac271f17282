"""What a visitor looks at: a portfolio, over a period, valued on a day, as it was known on a day.

Belongs here: the controls that every page with figures shares; each is a query parameter, so that an address says what
it shows. Does not: reading anything (`data`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from dashboard import addressed
from dashboard.views import addressed as words
from dashboard.views.typed import FIRST_DAY, LAST_DAY
from pipelines import formats
from pipelines.portfolio.named_periods import TO_DATE, opened_on
from warehouse.ledger import Portfolio

_KEY, _NEXT, _ELSEWHERE = "chosen", "chosen_next", "chosen_elsewhere"
_BIND: Final = "query-params"
_EARLIEST = dt.date(1970, 1, 1)
_NOT = ":material/link_off:"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked at; ``known_on`` is None for as known now, ``period`` for everything since the first day."""

    portfolio: Portfolio
    as_of: dt.date
    known_on: dt.date | None
    today: dt.date
    period: str | None = None

    @property
    def is_now(self) -> bool:
        """Return whether this is the portfolio as it stands."""
        return self.as_of == self.today and self.known_on is None

    @property
    def opened_on(self) -> dt.date | None:
        """Return the day at whose close the period opens, whether or not the portfolio is that old."""
        return opened_on(self.period, self.as_of) if self.period else None

    @property
    def whole(self) -> "Chosen":
        """Return the same since the first day."""
        return replace(self, period=None)

    @property
    def words(self) -> str:
        """Return the date, and what it was known on where that is not now."""
        known = f", as known on {formats.day(self.known_on)}" if self.known_on else ""
        return f"As of {formats.day(self.as_of)}{known}"

    def words_since(self, since: dt.date | None) -> str:
        """Return `words`, with the day at whose close a view opens."""
        return self.words if since is None else f"{self.words}, since {formats.day(since)}"


def choose(portfolios: Sequence[Portfolio], today: dt.date, *, has_period: bool) -> Chosen:
    """Show the controls and return what they say; pages find it by `chosen`.

    Args:
        portfolios: What can be chosen from.
        today: The clock's day.
        has_period: Whether the page's figures are of a period; where they are not, the choice of one waits.
    """
    by_name = {portfolio.name: portfolio for portfolio in portfolios}
    if _NEXT in st.session_state:
        name = st.session_state.pop(_NEXT)
        st.session_state["portfolio"] = name if name in by_name else next(iter(by_name))
    elif (before := _no_more(by_name)) is not None:
        _go_on_without(before, portfolios)
    else:
        addressed.notice("portfolio", by_name)
    addressed.notice("period", TO_DATE)
    addressed.notice("as_of", addressed.Days())
    addressed.notice("known_on", addressed.Days())
    name = st.selectbox("Portfolio", list(by_name), key="portfolio", width=280, bind=_BIND)
    with st.popover(_label(today), icon=":material/calendar_month:", key="when"):
        period = st.selectbox(
            "Period",
            TO_DATE,
            index=None,
            placeholder="Since the first day",
            key="period",
            bind=_BIND,
            persist_state="session",
            disabled=not has_period,
            help="What gains and returns are of." if has_period else "What this page shows is of all time.",
        )
        as_of = st.date_input(
            "As of",
            value=today,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            key="as_of",
            bind=_BIND,
            format=formats.typed_day(),
            help="The day at whose close everything is valued.",
        )
        known_on = st.date_input(
            "As known on",
            value=None,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            key="known_on",
            bind=_BIND,
            format=formats.typed_day(),
            help="Ledger, prices and rates as they were known at the end of this day; empty for as known now.",
        )
        st.button("Back to today", on_click=_back_to_today, args=(today,), key="back_to_today")
    found = Chosen(
        by_name[name],
        as_of if _can_be(as_of, today) else today,
        known_on if known_on and _can_be(known_on, today) else None,
        today,
        period if has_period else None,
    )
    st.session_state[_KEY] = found
    return found


def look_at(name: str | None) -> None:
    """Have the next run look at a portfolio, whose name the address does not have yet; None for the first there is.

    Without it, who renames the portfolio that is looked at would go on with another one.
    """
    st.session_state[_NEXT] = name


def _no_more(by_name: Mapping[str, Portfolio]) -> Portfolio | None:
    """Return what is looked at if somebody has deleted it elsewhere, or given it another name."""
    seen = chosen_if_any()
    if seen is None or st.session_state.get("portfolio", seen.portfolio.name) != seen.portfolio.name:
        return None
    now = by_name.get(seen.portfolio.name)
    return seen.portfolio if now is None or now.portfolio_id != seen.portfolio.portfolio_id else None


def _go_on_without(before: Portfolio, portfolios: Sequence[Portfolio]) -> None:
    """Look at the same portfolio by its new name, at the first one where it is deleted; keep what is to be said."""
    same = next((one for one in portfolios if one.portfolio_id == before.portfolio_id), None)
    shown = (same or portfolios[0]).name
    said = words.deleted(before.name, shown) if same is None else words.renamed(before.name, shown)
    st.session_state["portfolio"], st.session_state[_ELSEWHERE] = shown, (said, shown)


def say_what_is_gone() -> None:
    """Say that the portfolio that was looked at is deleted, where there is none left to look at."""
    seen = st.session_state.pop(_KEY, None)
    if seen is not None and _NEXT not in st.session_state:
        st.session_state[_ELSEWHERE] = (words.deleted(seen.portfolio.name), None)
    if _ELSEWHERE in st.session_state:
        st.warning(st.session_state[_ELSEWHERE][0], icon=_NOT)


def say_what_is_not(looked_at: Chosen) -> None:
    """Say which of what was asked for is not what `looked_at` is, and what became of what was looked at before."""
    said, shown = st.session_state.get(_ELSEWHERE, (None, None))
    if said and shown == looked_at.portfolio.name:
        st.warning(said, icon=_NOT)
    else:
        st.session_state.pop(_ELSEWHERE, None)
    addressed.say("portfolio", lambda asked: words.no_portfolio(asked, looked_at.portfolio.name))
    addressed.say("period", words.no_period)
    addressed.say("as_of", lambda asked: words.no_day(asked, looked_at.today))
    addressed.say("known_on", words.no_day_of_knowledge)
    as_of, known_on = st.session_state["as_of"], st.session_state["known_on"]
    if as_of != looked_at.as_of:
        st.warning(words.no_day(str(as_of), looked_at.today), icon=_NOT)
    if known_on != looked_at.known_on:
        st.warning(words.no_day_of_knowledge(str(known_on)), icon=_NOT)


def _can_be(day: dt.date, today: dt.date) -> bool:
    return _EARLIEST <= day <= today


def chosen() -> Chosen:
    """Return what the visitor looks at."""
    found: Chosen = st.session_state[_KEY]
    return found


def chosen_if_any() -> Chosen | None:
    """Return what the visitor looks at, None before there is a portfolio."""
    found: Chosen | None = st.session_state.get(_KEY)
    return found


def _label(today: dt.date) -> str:
    """Return what the closed controls say; before they are shown at first, only the address knows it."""
    known = f", known {formats.day(day)}" if (day := _day("known_on", today)) else ""
    name = st.session_state.get("period", st.query_params.get("period"))
    period = f", {name}" if name in TO_DATE else ""
    return f"{formats.day(_day('as_of', today) or today)}{period}{known}"


def _day(key: str, today: dt.date) -> dt.date | None:
    found: dt.date | None = st.session_state.get(key, addressed.day(st.query_params.get(key, "")))
    return found if found and _can_be(found, today) else None


def _back_to_today(today: dt.date) -> None:
    st.session_state["as_of"], st.session_state["known_on"], st.session_state["period"] = today, None, None
