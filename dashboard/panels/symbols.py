"""Parts of the Settings page about one instrument: what it is, and what it cost on days that nobody quotes.

Belongs here: what is drawn and what a button does. Does not: words (`views`), reading and writing (`data.statements`).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from dashboard import addressed, tables
from dashboard.columns import configured
from dashboard.data import statements
from dashboard.panels import days, editing
from dashboard.views import settings as view_of
from dashboard.views.addressed import not_stated
from dashboard.views.typed import past_day, required, written
from dashboard.views.verbatim import verbatim
from warehouse.ledger import DESCRIBES, Portfolio
from warehouse.schema.currencies import currency_codes

_WIDTH = 240


def instrument(portfolio: Portfolio, today: dt.date) -> None:
    """Show one instrument, to be described and priced."""
    stated = statements.instruments(portfolio)
    addressed.notice("instrument", stated.symbols)
    symbol = st.selectbox(
        "Symbol",
        stated.symbols,
        index=None,
        key="instrument",
        width=_WIDTH * 2,
        bind="query-params",
        placeholder="Choose one",
    )
    addressed.say("instrument", not_stated)
    if symbol is None:
        return
    known = statements.published(symbol)
    _description(portfolio, symbol, known, stated.said(symbol))
    st.markdown(f"**Closes of {verbatim(symbol)} that you state**")
    st.caption("Each counts before what providers say of its day, in this portfolio alone.")
    prices = view_of.prices(stated.prices, symbol)
    if not prices.is_empty():
        tables.show(prices, key=f"prices_{symbol}", name=f"{symbol}-stated", columns=configured(view_of.PRICE_COLUMNS))
    _price(portfolio, symbol, today, str(known.get("currency") or portfolio.base_currency))
    for day, close, currency in prices.iter_rows():
        words = f"Take back {view_of.price(day, close, currency)}"
        asked = st.button(words, key=f"price_back_{symbol}_{day}", type="tertiary", icon=":material/undo:")
        if asked and editing.attempt(partial(statements.take_back_price, portfolio, symbol, day, currency)):
            editing.done(f"Taken back: {symbol}, {view_of.price(day, close, currency)}.")


def _description(portfolio: Portfolio, symbol: str, known: Mapping[str, Any], now: Mapping[str, str | None]) -> None:
    seen = editing.seen(f"{portfolio.portfolio_id} symbol {symbol}", now)
    key = f"symbol_{symbol}_{editing.turn()}"
    with st.form(key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = {
                name: st.text_input(
                    view_of.DESCRIBED[name],
                    seen[name] or "",
                    key=f"{key}_{name}",
                    width=_WIDTH,
                    placeholder=known.get(name) or "Unknown",
                )
                for name in DESCRIBES
            }
        sent = st.form_submit_button("Save", key=f"{key}_submit", icon=":material/save:")
    if not sent:
        return
    said = {name: text.strip() or None for name, text in typed.items()}
    if editing.attempt(lambda: statements.describe(portfolio, symbol, said, seen)):
        editing.done(f"Saved: {symbol}.")
    editing.offer_anew(seen, now)


def _price(portfolio: Portfolio, symbol: str, today: dt.date, currency: str) -> None:
    key = f"price_{symbol}_{editing.turn()}"
    codes = sorted(currency_codes())
    with st.form(key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            day = days.field("Day", today, key=f"{key}_day", width=160)
            close = st.text_input("Close", key=f"{key}_close", width=160, placeholder=written(Decimal("140.25")))
            code = st.selectbox("Currency", codes, codes.index(currency), key=f"{key}_currency", width=160)
        sent = st.form_submit_button("State it", key=f"{key}_submit", icon=":material/add:")

    def cells() -> dict[str, str]:
        stated = past_day(day, "Day", today).isoformat()
        return {"symbol": symbol, "date": stated, "close": f"{required(close, 'The close'):f}", "currency": code or ""}

    if sent and editing.attempt(lambda: statements.state_price(portfolio, cells())):
        stated = view_of.price(past_day(day, "Day", today), Decimal(cells()["close"]), code or "")
        editing.done(f"Stated: {symbol}, {stated}.")
