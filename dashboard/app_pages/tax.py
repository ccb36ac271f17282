"""Tax: what was realised by year, term and account, what is open, and what a sale would realise."""

import functools

import streamlit as st

from dashboard import addressed, explaining, tables, tiles
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import figures
from dashboard.data import tax as data
from dashboard.states import shortcomings
from dashboard.views import tax as view_of
from dashboard.views.columns import titled
from dashboard.views.typed import TypedError
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.portfolio.errors import FrameError, NoPriceError, OversoldError
from pipelines.portfolio.tax_years import tax_years
from pipelines.portfolio.what_if import SALE_ID
from pipelines.reports.tax_year import tax_year

st.subheader("Tax")
looked_at = chosen()
view = figures.view(looked_at).view
years = tax_years(view)
shortcomings(view)

st.caption(
    f"{looked_at.words}, in {view.base_currency}, lots matched by {view.cost_method.value.upper()}. A gain is "
    "long-term where the sale was after the anniversary of the purchase. Wash sales are not applied; this is no tax "
    "advice."
)
if not years:
    st.info("Nothing was sold or paid yet, so that there is nothing to declare.", icon=":material/info:")
else:
    with st.container(horizontal=True, vertical_alignment="bottom", key="tax_controls"):
        with addressed.expected("Year", "year", years):
            year = st.selectbox("Year", years, key="year", bind="query-params", width=140)
        if not formats.hides_amounts():
            st.download_button(
                f"Tax year {year} as PDF",
                data=formats.for_this_reader(functools.partial(tax_year, view, year)),
                file_name=f"tax-{year}-{looked_at.portfolio.name}.pdf",
                mime="application/pdf",
                key="tax_pdf",
                icon=":material/picture_as_pdf:",
                on_click="ignore",
            )
    gains = data.gains(looked_at)
    made_of = functools.partial(view_of.made_of, gains, currency=view.base_currency)
    accounts, by_year = view_of.by_account(gains, year), view_of.by_year(gains)
    tiles.show(view_of.terms(gains, year, view.base_currency), key="tax_terms")
    st.markdown(f"**{year} by account and term**")
    if accounts.is_empty():
        st.caption(f"Nothing was sold in {year}.")
    else:
        columns = configured(view_of.ACCOUNT_COLUMNS)
        cell = tables.show(accounts, key=f"by_account_{year}", name=f"tax-{year}", columns=columns, selects=True)
        explaining.cell(
            cell,
            lambda row, field: made_of(field, year=year, account=accounts["Account"][row], term=accounts["Term"][row]),
            view_of.SUM_FIGURES,
        )
    st.markdown("**Every year**")
    columns = configured(view_of.YEAR_COLUMNS)
    cell = tables.show(by_year, key="by_year", name="tax-years", columns=columns, selects=True)
    explaining.cell(
        cell,
        lambda row, field: made_of(field, year=int(by_year["Year"][row]), term=by_year["Term"][row]),
        view_of.SUM_FIGURES,
    )
    frame, paths = view_of.rows(gains, year)
    if not frame.is_empty():
        st.markdown(f"**{year}, lot by lot**")
        cell = tables.show(
            frame, key=f"rows_{year}", name=f"realised-{year}", columns=configured(view_of.ROW_COLUMNS), selects=True
        )
        explaining.cell(cell, paths, view_of.FIGURES)

lots = view_of.lots(data.open_lots(looked_at))
st.markdown("**Open lots**")
if lots.is_empty():
    st.caption("Nothing is held.")
    st.stop()
cell = tables.show(
    titled(lots, view_of.LOT_COLUMNS),
    key="open_lots",
    name="open-lots",
    columns=configured(view_of.LOT_COLUMNS),
    selects=True,
)
explaining.cell(
    cell, lambda row, field: view_of.lot_figure(view, lots.row(row, named=True), field), view_of.LOT_FIGURES
)

st.markdown("**What a sale would realise**")
held = view_of.sellable(view)
with st.container(horizontal=True, vertical_alignment="bottom", key="sale_controls"):
    with addressed.expected("Sell", "sell", held):
        what = st.selectbox("Sell", list(held), index=None, key="sell", bind="query-params", width=260)
    units = st.text_input("Units", "", key="units", bind="query-params", width=130, placeholder="all")
    price = st.text_input("Price", "", key="price", bind="query-params", width=130, placeholder="the last")
    fee = st.text_input("Fee", "", key="fee", bind="query-params", width=110, placeholder="0")
    tax = st.text_input("Tax", "", key="tax", bind="query-params", width=110, placeholder="0")
if what is None:
    st.caption("Choose a holding to see its gain under every method side by side. Nothing is booked.")
    st.stop()
holding = held[what]
try:
    sale = view_of.sale(holding, looked_at.as_of, units=units, price=price, fee=fee, tax=tax)
    found = data.previews(looked_at, sale)
except OversoldError as error:
    if error.transaction_id != SALE_ID:
        raise
    most = f"{formats.quantity(holding.quantity)} {holding.symbol}"
    st.warning(verbatim(f"{holding.account} holds {most}: up to that can be sold."), icon=":material/warning:")
    st.stop()
except (TypedError, FrameError, NoPriceError) as error:
    st.warning(verbatim(str(error)), icon=":material/warning:")
    st.stop()
st.caption(verbatim(view_of.asked(holding, sale)))
columns = configured(view_of.SALE_COLUMNS)
cell = tables.show(view_of.previewed(found), key="previews", name="sale", columns=columns, selects=True)
explaining.cell(
    cell, lambda row, field: view_of.sale_figure(found[row], field, view.base_currency), view_of.SALE_FIGURES
)
