"""Holdings: everything held, by holding or by group, and one symbol in full."""

from functools import partial

import streamlit as st

from dashboard import addressed, charting, explaining, tables
from dashboard.charts import holdings as charts
from dashboard.chosen import chosen
from dashboard.columns import chosen_titles, configured
from dashboard.data import figures, symbols
from dashboard.states import nothing_yet, shortcomings
from dashboard.views import addressed as words_of
from dashboard.views import holdings as view_of
from dashboard.views import points
from dashboard.views.columns import amounts_in
from dashboard.views.verbatim import verbatim
from pipelines import formats

st.subheader("Holdings")
looked_at = chosen()
view = figures.view(looked_at).view
if not view.holdings:
    nothing_yet("Nothing is held.")

shortcomings(view)
with st.container(horizontal=True, vertical_alignment="bottom", key="holdings_controls"):
    words = st.text_input("Filter", placeholder="Symbol, name, sector …", key="filter", width=260)
    with addressed.expected("Group by", "group", view_of.GROUPS):
        by = st.segmented_control("Group by", list(view_of.GROUPS), key="group", bind="query-params")
    if by:
        order = [by, *chosen_titles(view_of.GROUP_COLUMNS, key="group_columns")]
    else:
        order = chosen_titles(view_of.COLUMNS, key="holdings_columns")

if by:
    sums = view_of.grouped(view, by, words)
    drawn = configured(view_of.GROUP_COLUMNS, largest=sums.largest)
    cell = tables.show(sums.frame, key=f"holdings_{by}", name="holdings", columns=drawn, order=order, selects=True)
    explaining.cell(cell, sums.figure, view_of.GROUP_FIGURES)
else:
    found = view_of.holdings(view, words)
    drawn = configured(view_of.COLUMNS, largest=found.largest)
    cell = tables.show(found.frame, key="holdings_each", name="holdings", columns=drawn, order=order, selects=True)
    explaining.cell(cell, found.paths, view_of.FIGURES)
told = (
    f"{looked_at.words_since(view.since)}.",
    amounts_in(view.base_currency),
    view_of.without_cash(view),
    "Click a figure to see where it comes from.",
)
st.caption(" ".join(part for part in told if part))

held = view_of.symbols(view)
addressed.notice("symbol", held)
symbol = st.selectbox("One symbol in full", held, index=None, key="symbol", bind="query-params", width=320)
addressed.say("symbol", words_of.not_held)
if symbol is None:
    st.stop()

line, marks = symbols.price_line(looked_at, symbol), symbols.marks(looked_at, symbol)
st.subheader(verbatim(symbol))
for account, share in view_of.contributions(view, symbol):
    with st.container(horizontal=True, vertical_alignment="center", key=f"contribution_{account}"):
        st.caption(f"Contribution to the time-weighted return, {verbatim(account)}: {formats.percent(share)}")
        explaining.button(f"performance.contributions.{symbol}@{account}.contribution", f"contribution_{account}")
if line.is_empty():
    st.info(f"No price of {verbatim(symbol)} is stored.", icon=":material/info:")
else:
    alt = f"Price of {symbol} by day"
    point = charting.show(charts.price_line, line, marks, key="price_line", alt=alt, selects=True)
    explaining.day(point, partial(points.price_on, symbol, line, marks))

st.page_link(
    "app_pages/research.py",
    label=f"Statements and news of {verbatim(symbol)}",
    icon=":material/query_stats:",
    query_params={"symbol": symbol},
)

lots, realized = view_of.lots(view, symbol), view_of.realized(view, symbol)
if not lots[0].is_empty():
    st.markdown("**Open lots**")
    columns = configured(view_of.LOT_COLUMNS)
    clicked = tables.show(lots[0], key=f"lots_{symbol}", name=f"{symbol}-lots", columns=columns, selects=True)
    explaining.cell(clicked, lots[1], view_of.LOT_FIGURES)
if not realized[0].is_empty():
    st.markdown("**Realised**")
    clicked = tables.show(
        realized[0],
        key=f"realized_{symbol}",
        name=f"{symbol}-realised",
        columns=configured(view_of.REALIZED_COLUMNS),
        selects=True,
    )
    explaining.cell(clicked, realized[1], view_of.REALIZED_FIGURES)
