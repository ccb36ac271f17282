"""Watchlist: symbols with their prices, targets and notes, and the alerts that fire now."""

import streamlit as st

from dashboard import tables
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import watching
from dashboard.panels import watching_forms
from dashboard.views import watchlist as view_of
from dashboard.views.verbatim import verbatim

looked_at = chosen()
now, known = watching.watching(), watching.known_symbols()
st.subheader("Watchlist")
if not now.watched:
    st.info("Nothing is watched yet. Put a symbol on the list: it is fetched from then on.", icon=":material/info:")
    watching_forms.add(now, known)
    st.stop()

quotes = watching.quotes(now.symbols, looked_at.as_of, looked_at.known_on)
st.caption(f"{looked_at.words}. Click a symbol for its page.")
for fired in view_of.firing(now.alerts, quotes):
    st.warning(verbatim(fired), icon=":material/notifications_active:")
missing = view_of.unpriced(quotes)
if missing:
    names = verbatim(", ".join(missing))
    st.info(f"No price of {names} yet: it comes with the next run, if a provider knows it.", icon=":material/info:")

cell = tables.show(
    view_of.table(now.watched, quotes, now.alerts),
    key="watchlist",
    name="watchlist",
    columns=configured(view_of.COLUMNS),
    selects=True,
)
if cell is not None and cell[1] == view_of.SYMBOL:
    st.switch_page("app_pages/research.py", query_params={"symbol": now.symbols[cell[0]]})

left, right = st.columns(2, gap="large")
with left:
    watching_forms.add(now, known)
    watching_forms.change(now)
with right:
    st.markdown("**Alerts**")
    if now.alerts:
        rows = view_of.alert_rows(now.alerts, quotes)
        tables.show(rows, key="alerts", name="alerts", columns=configured(view_of.ALERT_COLUMNS))
    watching_forms.alerts(now, quotes)
