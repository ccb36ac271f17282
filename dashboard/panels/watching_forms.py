"""Forms of the watchlist: putting a symbol on it, its target and note, its alerts.

Belongs here: these forms, for every page that has one. Does not: the table (`app_pages.watchlist`), writing
(`data.watching`).
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import streamlit as st

from dashboard.data import watching
from dashboard.data.watching import Watching
from dashboard.panels import suggesting
from dashboard.panels.entered import make
from dashboard.views import watchlist as view_of
from dashboard.views.research import is_symbol
from dashboard.views.settings import as_stored
from dashboard.views.typed import TypedError, amount, required, written
from dashboard.views.verbatim import verbatim
from pipelines.portfolio.quotes import SymbolQuote
from warehouse.ledger import Alert


def add(now: Watching, known: dict[str, str]) -> None:
    """Show the form that puts a symbol on the list."""
    st.markdown("**Watch a symbol**")
    key = _key("watch")
    with st.form(key):
        symbol = st.text_input(
            "Symbol", placeholder="One that is known, or any other as Yahoo spells it", key=f"{key}_symbol"
        )
        target = st.text_input("Target price", key=f"{key}_target", placeholder="None")
        note = st.text_input("Note", key=f"{key}_note")
        sent = st.form_submit_button("Watch", icon=":material/add:")
    suggesting.names({f"{key}_symbol": {name: said for name, said in known.items() if name not in now.symbols}})
    if not sent:
        return
    if not symbol.strip():
        st.error("Which symbol?", icon=":material/error:")
        return
    asked = as_stored(symbol, known)
    if asked not in known and not is_symbol(asked):
        st.error(
            f"{verbatim(asked)} can be no symbol: letters, digits and . = ^ & - are expected, as Yahoo spells it.",
            icon=":material/error:",
        )
        return
    _make(
        "watch",
        lambda: watching.watch(asked, _price(target, "The target price"), note, version=now.version),
        f"{asked} is watched",
    )


def change(now: Watching) -> None:
    """Show the form that changes target and note of a symbol, or takes it off the list."""
    st.markdown("**Change or remove**")
    symbol = st.selectbox("Symbol", now.symbols, index=None, key="changed_symbol", placeholder="One on the list")
    row = next((row for row in now.watched if row.symbol == symbol), None)
    if row is None:
        return
    with st.form("change"):
        stated = "" if row.target is None else written(row.target.normalize())
        target = st.text_input("Target price", stated, key=f"target_{symbol}", placeholder="None")
        note = st.text_input("Note", row.note or "", key=f"note_{symbol}")
        with st.container(horizontal=True):
            saved = st.form_submit_button("Save", icon=":material/check:")
            removed = st.form_submit_button("Remove", icon=":material/delete:", help="With its alerts.")
    if saved:
        make(
            lambda: watching.watch(row.symbol, _price(target, "The target price"), note, version=now.version),
            f"{row.symbol} is changed",
        )
    if removed:
        make(lambda: watching.unwatch(row.symbol, version=now.version), f"{row.symbol} is watched no more")


def alerts(now: Watching, quotes: tuple[SymbolQuote, ...]) -> None:
    """Show the forms that add an alert and take one away."""
    key = _key("alert")
    with st.form(key):
        symbol = st.selectbox("Symbol", now.symbols, key=f"{key}_symbol")
        kind = st.selectbox("When", list(view_of.KINDS), key=f"{key}_kind")
        threshold = st.text_input("Price, or percent of a move", key=f"{key}_threshold")
        added = st.form_submit_button("Add alert", icon=":material/notification_add:")
    if added:
        _make(
            "alert",
            lambda: watching.add_alert(_alert(symbol, view_of.KINDS[kind], threshold), version=now.version),
            f"You are told of {symbol} here",
        )
    if not now.alerts:
        return
    of = {quote.symbol: quote for quote in quotes}
    choice = st.selectbox(
        "Alert",
        now.alerts,
        index=None,
        key="removed_alert",
        # Numbered, for where amounts are hidden two may read the same.
        format_func=lambda alert: f"{now.alerts.index(alert) + 1}. {view_of.words(alert, of[alert.symbol])}",
        placeholder="One to remove",
    )
    removed = st.button("Remove alert", key="remove_alert", icon=":material/delete:", disabled=choice is None)
    if removed and isinstance(choice, Alert):
        make(partial(watching.remove_alert, choice, version=now.version), "The alert is removed")


def _alert(symbol: str, kind: str, threshold: str) -> Alert:
    stated = _above_zero(required(threshold.strip().removesuffix("%"), "The threshold"), "The threshold")
    return Alert(symbol, kind, stated / Decimal(100) if kind == "day_move" else stated)


def _price(text: str, name: str) -> Decimal | None:
    stated = amount(text, name)
    return None if stated is None else _above_zero(stated, name)


def _above_zero(stated: Decimal, name: str) -> Decimal:
    if stated <= 0:
        raise TypedError(f"{name} is {stated:f}: a number above zero is expected.")
    return stated


def _key(form: str) -> str:
    """Return the key of a form, which is another one once what was typed into it is taken: it begins anew."""
    return f"{form}_{st.session_state.get(f'{form}_turn', 0)}"


def _make(form: str, change: Callable[[], None], said: str) -> None:
    def taken() -> None:
        change()
        st.session_state[f"{form}_turn"] = st.session_state.get(f"{form}_turn", 0) + 1

    make(taken, said)
