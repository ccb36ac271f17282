"""Allocation: what the value is made of, where in the world, what it is meant to be, and the trades towards that."""

from decimal import Decimal

import streamlit as st

from dashboard import addressed, charting, explaining, tables
from dashboard.charts import allocation as charts
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import allocation as data
from dashboard.data import figures
from dashboard.panels import editing, targets
from dashboard.states import nothing_yet, shortcomings
from dashboard.views import allocation as view_of
from dashboard.views import points
from dashboard.views.columns import full_bar
from dashboard.views.typed import TypedError, amount
from dashboard.views.verbatim import verbatim
from pipelines.portfolio.rebalancing import DIMENSIONS as TRADED
from pipelines.portfolio.rebalancing import RebalancingError

st.subheader("Allocation")
looked_at = chosen()
view = figures.view(looked_at).view
if not view.holdings and not view.cash:
    nothing_yet("There is nothing to allocate yet.")

editing.say_what_was_done()
shortcomings(view)
labels = list(view_of.DIMENSIONS)
with (
    st.container(horizontal=True, vertical_alignment="bottom", key="allocation_controls"),
    addressed.expected("By", "by", labels),
    addressed.expected("Then by", "then_by", labels),
    addressed.expected("As", "shape", view_of.SHAPES),
):
    outer = st.selectbox("By", labels, index=1, key="by", bind="query-params", width=180)
    inner = st.selectbox("Then by", labels, index=8, key="then_by", bind="query-params", width=180)
    shape = st.segmented_control(
        "As", view_of.SHAPES, default="Sunburst", key="shape", bind="query-params", required=True
    )

dimension = view_of.DIMENSIONS[outer]
frame, paths = view_of.classes(view, dimension)
# Targets and drift are two columns more, and it is for them that a person looks.
left, right = st.columns([2, 3] if "Target" in frame.columns else [3, 2], gap="large")
with left:
    tree = view_of.tree(view, dimension, view_of.DIMENSIONS[inner])
    if tree.values:
        part = charting.show(
            charts.shares,
            tree,
            shape,
            key=f"shares_{shape}",
            alt="Shares of the value by two dimensions",
            amounts=True,
            selects=True,
        )
        if part is not None and (pair := view_of.pair(part.at, is_one=inner == outer)) is not None:
            explaining.show(points.share_of(view, dimension, view_of.DIMENSIONS[inner], pair))
    if tree.left_out:
        st.caption(f"Below zero, so in no share: {verbatim('; '.join(tree.left_out))}.")
with right:
    cell = tables.show(
        frame,
        key=f"classes_{dimension}",
        name=f"allocation-{dimension}",
        columns=configured(view_of.headed(view_of.CLASS_COLUMNS, dimension), largest=full_bar(frame["Weight"])),
        selects=True,
    )
    st.caption(f"{looked_at.words}, in {view.base_currency}. Click a figure to see where it comes from.")
    explaining.cell(cell, paths, view_of.FIGURES)
    st.markdown(f"**Targets by {outer.lower()}**")
    targets.show(looked_at, dimension, outer, view.allocations.get(dimension, []))

st.markdown("**By country**")
found = view_of.on_map(view)
if found.codes:
    country = charting.show(
        charts.world,
        found,
        key="world",
        alt="Shares of the value by country",
        options=charts.MAP_OPTIONS,
        selects=True,
    )
    if country is not None:
        explaining.show(f"allocations.country.{found.names[country.number]}.weight")
if found.elsewhere:
    st.caption(f"Not on the map: {verbatim(found.elsewhere)}.")

if not any(row.target is not None for row in view.allocations.get(dimension, [])):
    st.stop()
st.markdown("**Trades that would restore them**")
if dimension not in TRADED:
    st.caption(f"Trades do not change the share by {outer.lower()}: that takes conversions or transfers.")
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom", key="terms"):
    with (
        addressed.expected("Whole units", "whole_units", addressed.Switch()),
        addressed.expected("Sell nothing", "sell_nothing", addressed.Switch()),
    ):
        whole = st.toggle("Whole units", value=True, key="whole_units", bind="query-params")
        no_sales = st.toggle("Sell nothing", key="sell_nothing", bind="query-params", help="Buy from cash alone.")
    cash = st.text_input(
        "Money put in", "0", key="money_in", bind="query-params", width=130, help="Below zero: taken out."
    )
    fee = st.text_input("Fee a trade", "0", key="fee_fixed", bind="query-params", width=110)
    rate = st.text_input("Fee, % of it", "0", key="fee_rate", bind="query-params", width=110)
    tolerance = st.text_input(
        "Drift left alone, %",
        "0",
        key="tolerance",
        bind="query-params",
        width=150,
        help="Classes that are no further off.",
    )
    least = st.text_input("Least trade", "0", key="least_trade", bind="query-params", width=110)
try:
    terms = data.Terms(
        whole_units=whole,
        cash_only=no_sales,
        cash=amount(cash, "Money put in") or Decimal(0),
        fee_fixed=amount(fee, "The fee") or Decimal(0),
        fee_rate=(amount(rate, "The fee") or Decimal(0)) / 100,
        tolerance=(amount(tolerance, "Drift left alone") or Decimal(0)) / 100,
        minimum_trade=amount(least, "The least trade") or Decimal(0),
    )
    proposed = data.rebalanced(looked_at, dimension, terms)
except (TypedError, RebalancingError) as error:
    st.warning(verbatim(str(error)), icon=":material/warning:")
    st.stop()
st.caption(view_of.outcome(proposed))
if proposed.trades:
    columns = configured(view_of.TRADE_COLUMNS)
    cell = tables.show(view_of.trades(proposed), key="trades", name="rebalancing", columns=columns, selects=True)
    explaining.cell(cell, lambda row, field: view_of.trade_figure(view, proposed, row, field), view_of.TRADE_FIGURES)
for note in view_of.notes(proposed):
    st.caption(f":material/info: {verbatim(note)}")
columns = configured(view_of.headed(view_of.WEIGHT_COLUMNS, dimension))
after = view_of.weights(proposed).rename({"Class": outer})
cell = tables.show(after, key="weights", name="weights", columns=columns, selects=True)
explaining.cell(cell, lambda row, field: view_of.weight_figure(proposed, row, field), view_of.WEIGHT_FIGURES)
