"""Overview: what the portfolio is worth, how it did, what it holds."""

from functools import partial

import streamlit as st

from dashboard import charting, explaining, tiles
from dashboard.charts import overview as charts
from dashboard.chosen import chosen
from dashboard.data import figures, runs, served, visits
from dashboard.data.glance import glance
from dashboard.views import income, movers, points
from dashboard.views import overview as view_of
from dashboard.views.glance import NEXT_PAYMENTS
from dashboard.views.since import since
from dashboard.views.sparklines import BARS
from dashboard.views.verbatim import verbatim, with_commands
from pipelines import formats
from pipelines.reports.complete import complete_report

looked_at = chosen()
current = figures.view(looked_at)
view = current.view

clock = served.settings().clock
qualified = view_of.notices(
    view, live=current.live, clock=clock, is_demo=clock is not None and served.is_demo(), failed=runs.run_in_vain()
)
for notice in qualified:
    {"error": st.error, "warning": st.warning, "info": st.info}[notice.level](with_commands(notice.text))

if looked_at.is_now and view.since is None:
    before, now = visits.seen(looked_at, view.summary.value)
    then = visits.currency_then(looked_at, before) if before else ""
    changed = since(before, now, view.base_currency, then) if before else None
    if changed:
        st.info(verbatim(changed), icon=":material/history:")

drawn = glance(looked_at)
tiles.show(view_of.tiles(view), key="tile", lines=drawn.lines, bars=BARS)

if view_of.is_empty(view):
    st.info(view_of.none_yet(is_now=looked_at.is_now), icon=":material/info:")
    st.stop()

left, right = st.columns([3, 2], gap="large")
with left:
    st.subheader("Value and contributions")
    if view_of.is_drawn(drawn.days):
        point = charting.show(
            charts.value_and_contributions,
            drawn.days,
            key="value_and_contributions",
            alt="Value of the portfolio by day, and what was paid in",
            amounts=True,
            selects=True,
        )
        explaining.day(point, partial(points.value_on, view))
    else:
        st.caption("The value is known of no day.")
with right:
    st.subheader("Allocation")
    names = {label: dimension for dimension, label in view_of.DIMENSIONS.items()}
    label = st.selectbox("By", list(names), key="dimension", label_visibility="collapsed")
    rows = [row for row in view.allocations[names[label]] if row.weight is not None]
    if rows:
        alt = f"Share of the value by {label.lower()}"
        bar = charting.show(charts.allocation, rows, key="allocation", alt=alt, selects=True)
        if bar is not None and (of := charts.bars(rows)[bar.number][0]) is not None:
            explaining.show(f"allocations.{names[label]}.{of}.weight")
    else:
        st.caption("No share of the value is known.")

if not drawn.moved.frame.is_empty():
    last = view_of.earlier_day(view)
    most = f"Up to {movers.MOST} gains and {movers.MOST} losses, the largest."
    st.subheader(f"Movers of {formats.day(last) if last else 'the day'}", help=most)
    explaining.table(*drawn.moved, movers.FIGURES, columns=movers.COLUMNS, key="movers")

waiting = income.not_confirmed(view)
if waiting or not drawn.due.frame.is_empty():
    most = f"Up to {NEXT_PAYMENTS} payments, the next. The calendar of the Income page has all."
    st.subheader("Income to come", help=most)
    if not drawn.due.frame.is_empty():
        explaining.table(*drawn.due, income.FIGURES, columns=income.CALENDAR_COLUMNS, key="income-to-come")
    if waiting:
        inbox = {"income": income.INBOX}
        st.page_link("app_pages/income.py", label=waiting, icon=":material/inbox:", query_params=inbox)

if view.holdings:
    st.subheader("Top holdings")
    largest, paths = view_of.top(view)
    explained = partial(view_of.top_figure, largest, paths)
    explaining.table(largest, explained, view_of.TOP_FIGURES, columns=view_of.TOP_COLUMNS, key="top-holdings")
st.caption(view_of.completeness(view))

if not formats.hides_amounts():  # it has every amount
    st.download_button(
        "All of it as PDF",
        data=formats.for_this_reader(partial(complete_report, view)),
        file_name=f"{looked_at.portfolio.name}-{view.as_of}.pdf",
        mime="application/pdf",
        key="report",
        icon=":material/picture_as_pdf:",
        on_click="ignore",
    )

remarks = view_of.remarks(view)
if remarks:
    with st.expander(f"Remarks on these figures ({len(remarks)})", icon=":material/info:"):
        for remark in remarks:
            st.text(remark)
