"""Forms of the watchlist: putting a symbol on it, its target and note, its alerts.

Belongs here: these forms, for every page that has one. Does not: the table (`app_pages.watchlist`), writing
(`data.watching`).
"""

from decimal import Decimal
from functools import partial

import streamlit as st

from dashboard.data import watching
from dashboard.data.watching import Watching
from dashboard.panels.entered import make
from dashboard.views import watchlist as view_of
from dashboard.views.typed import amount, required
from pipelines.portfolio.quotes import SymbolQuote
from warehouse.ledger import Alert


def add(now: Watching, known: dict[str, str]) -> None:
    """Show the form that puts a symbol on the list."""
    st.markdown("**Watch a symbol**")
    with st.form("watch", clear_on_submit=True):
        symbol = st.selectbox(
            "Symbol",
            [name for name in known if name not in now.symbols],
            index=None,
            format_func=lambda name: f"{name}  {known.get(name, '')}".strip(),
            accept_new_options=True,
            placeholder="One that is known, or any other as Yahoo spells it",
            key="watched_symbol",
        )
        target = st.text_input("Target price", key="watched_target", placeholder="None")
        note = st.text_input("Note", key="watched_note")
        if not st.form_submit_button("Watch", icon=":material/add:"):
            return
    if not symbol:
        st.error("Which symbol?", icon=":material/error:")
        return
    make(
        lambda: watching.watch(symbol.strip(), amount(target, "Target price"), note, version=now.version),
        f"{symbol.strip()} is watched",
    )


def change(now: Watching) -> None:
    """Show the form that changes target and note of a symbol, or takes it off the list."""
    st.markdown("**Change or remove**")
    symbol = st.selectbox("Symbol", now.symbols, index=None, key="changed_symbol", placeholder="One on the list")
    row = next((row for row in now.watched if row.symbol == symbol), None)
    if row is None:
        return
    with st.form("change"):
        written = "" if row.target is None else f"{row.target.normalize():f}"
        target = st.text_input("Target price", written, key=f"target_{symbol}", placeholder="None")
        note = st.text_input("Note", row.note or "", key=f"note_{symbol}")
        with st.container(horizontal=True):
            saved = st.form_submit_button("Save", icon=":material/check:")
            removed = st.form_submit_button("Remove", icon=":material/delete:", help="With its alerts.")
    if saved:
        make(
            lambda: watching.watch(row.symbol, amount(target, "Target price"), note, version=now.version),
            f"{row.symbol} is changed",
        )
    if removed:
        make(lambda: watching.unwatch(row.symbol, version=now.version), f"{row.symbol} is watched no more")


def alerts(now: Watching, quotes: tuple[SymbolQuote, ...]) -> None:
    """Show the forms that add an alert and take one away."""
    with st.form("alert", clear_on_submit=True):
        symbol = st.selectbox("Symbol", now.symbols, key="alert_symbol")
        kind = st.selectbox("When", list(view_of.KINDS), key="alert_kind")
        threshold = st.text_input("Price, or percent of a move", key="alert_threshold")
        added = st.form_submit_button("Add alert", icon=":material/notification_add:")
    if added:
        make(
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
    stated = required(threshold.strip().removesuffix("%"), "The threshold")
    return Alert(symbol, kind, stated / Decimal(100) if kind == "day_move" else stated)
