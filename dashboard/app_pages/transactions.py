"""Transactions: what was stated, row by row; entering, changing, undoing it, and files of it."""

import streamlit as st

from dashboard import addressed, tables
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import records
from dashboard.panels import editing
from dashboard.panels import transactions as panels
from dashboard.views import transactions as view_of
from pipelines import formats

looked_at = chosen()
portfolio = looked_at.portfolio
rows = records.transactions(looked_at)

editing.say_what_was_done()
st.subheader("Transactions")
if looked_at.known_on is not None:
    st.caption(f"{looked_at.words}: nothing can be changed there.")
    doing = "List"
else:
    doings = ["List", "New", "Import", "Changes"]
    with st.container(horizontal=True, vertical_alignment="bottom", key="doings"):
        doing = addressed.one_of("Do", doings, default="List", key="do", hides_label=True)
        panels.undo(portfolio)

if doing == "New":
    panels.new(looked_at, rows)
    st.stop()
if doing == "Import":
    panels.import_file(portfolio, rows)
    st.stop()
if doing == "Changes":
    panels.changes(portfolio)
    st.stop()

if rows.is_empty():
    st.info(view_of.none_yet(is_now=looked_at.is_now), icon=":material/info:")
    st.stop()

above = st.container()  # where it is seen that a click has opened something
wanted, order = panels.filters(rows)
found = view_of.found(rows, wanted)
shown = found.head(view_of.MOST_ROWS)
cell = tables.show(
    view_of.titled(shown),
    key=panels.table_key(portfolio),
    name="transactions",
    columns=configured(view_of.COLUMNS),
    order=order,
    whole=view_of.titled(found),
    selects=True,
)
more = f"; the newest {formats.count(shown.height)} are shown" if shown.height < found.height else ""
of_all = f"{formats.count(found.height)} of {formats.count(rows.height)} transactions{more}"
st.caption(f"{of_all}. {looked_at.words}. Click one to open it.")
with above:
    panels.opened(looked_at, rows, None if cell is None else shown["transaction_id"][cell[0]])
