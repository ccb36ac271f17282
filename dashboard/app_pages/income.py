"""Income: what was received and withheld, what is due and to be decided, what is to come, and what it yields."""

import streamlit as st

from dashboard import addressed, charting, explaining, tables, tiles
from dashboard.charts import income as charts
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import figures
from dashboard.panels import dividend_inbox, payments
from dashboard.states import shortcomings
from dashboard.views import income as view_of
from dashboard.views import points
from pipelines import formats

st.subheader("Income")
looked_at = chosen()
view = figures.view(looked_at).view
due = len(view.income.expected)

shortcomings(view)
st.caption(f"{looked_at.words_since(view.since)}, in {view.base_currency}.")
tiles.show(view_of.tiles(view), key="income")

RECEIVED, DUE, AHEAD, YIELDS, TAXES = "Received", view_of.INBOX, "To come", "Yields", "Withheld"
PARTS = [RECEIVED, DUE, AHEAD, YIELDS, TAXES]
part = addressed.one_of("Show", PARTS, default=RECEIVED, key="income")


if part == RECEIVED:
    if not view.income.received:
        st.info("Nothing was received yet. What was due is listed under Due.", icon=":material/info:")
        st.stop()
    by = addressed.one_of("By", view_of.PERIODS, default="Month", key="by")
    received = view_of.stacked(view, by)
    point = charting.show(
        charts.stacked,
        received,
        view.base_currency,
        key="income-received",
        alt=f"Income by {by.lower()} and symbol",
        amounts=True,
        selects=True,
    )
    if point is not None:
        explaining.show(points.received_in(view, view_of.period_of(point.at, by)))
    st.caption("Gross. Click a bar or a figure to see where it comes from.")
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown("**Months**")
        explaining.table(*view_of.months(view), view_of.FIGURES, columns=view_of.MONTH_COLUMNS, key="income-months")
    with right:
        st.markdown("**Payments**")
        explaining.table(
            *view_of.payments(view), view_of.FIGURES, columns=view_of.PAYMENT_COLUMNS, key="income-payments"
        )
elif part == DUE:
    if due:
        st.caption("Due on what was held at the close before the ex-date, and in no figure until you confirm it.")
        explaining.table(*view_of.expected(view), view_of.FIGURES, columns=view_of.DUE_COLUMNS, key="income-due")
    else:
        st.info("Nothing is due that the ledger does not have.", icon=":material/check_circle:")
    dividend_inbox.show(looked_at, view)
elif part == AHEAD:
    if not view.income.projected and view_of.calendar(view, "Pay date").frame.is_empty():
        st.info("Nothing is to come: what is held has paid nothing in the last year.", icon=":material/info:")
        st.stop()
    ahead = view_of.to_come(view)
    point = charting.show(
        charts.to_come,
        ahead,
        view.base_currency,
        key="income-to-come",
        alt="Income of the next twelve months, by month",
        amounts=True,
        selects=True,
    )
    if point is not None:
        explaining.show(points.to_come_in(view, view_of.period_of(point.at, "Month")))
    total = formats.money(view.income.totals.projected_base, view.base_currency)
    st.caption(f"{total} in the next twelve months, gross: as declared, else the last year's again without growth.")
    orders = ["Pay date", "Ex-date"]
    order = addressed.one_of("Calendar by", orders, default="Pay date", key="calendar_by")
    explaining.table(
        *view_of.calendar(view, order), view_of.FIGURES, columns=view_of.CALENDAR_COLUMNS, key="income-calendar"
    )
    st.caption(f"What was to be paid before and is not confirmed is under {DUE}.")
elif part == YIELDS:
    if not view.income.by_symbol:
        st.info("Nothing that is or was held has paid a dividend.", icon=":material/info:")
        st.stop()
    explaining.table(*view_of.symbols(view), view_of.FIGURES, columns=view_of.SYMBOL_COLUMNS, key="income-yields")
    st.caption("Gross. Yields are of what is still held; click one to see the payments and the value it is made of.")
else:
    found = view_of.withheld(view)
    if found.is_empty():
        st.info("Nothing was received yet, so nothing was withheld.", icon=":material/info:")
        st.stop()
    columns = configured(view_of.WITHHELD_COLUMNS)
    cell = tables.show(found, key="income-withheld", name="income-withheld", columns=columns, selects=True)
    st.caption(
        "By the year of payment, base currency; click a figure for its payments. "
        "A reclaim is booked as a TAX_REFUND and is not in here."
    )
    if cell is not None:
        payments.show(view, found["Symbol"][cell[0]], found["Year"][cell[0]])
