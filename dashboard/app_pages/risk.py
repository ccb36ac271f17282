"""Risk: how far returns spread, how deep they fell, what stands in few hands, what exchange rates do."""

from functools import partial

import streamlit as st

from dashboard import addressed, charting, explaining, tables, tiles
from dashboard.charts import performance as growth_charts
from dashboard.charts import risk as charts
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import figures
from dashboard.data import risk as data
from dashboard.states import shortcomings
from dashboard.views import health, points
from dashboard.views import risk as view_of
from dashboard.views.verbatim import verbatim
from pipelines import formats

st.subheader("Risk")
looked_at = chosen()
view = figures.view(looked_at).view
returns = data.observed(looked_at)
shortcomings(view)


def _limit(check: health.Check) -> float:
    """Show the field of a check's limit, and return what stands in it."""
    label = f"{check.label}, {'%' if check.is_share else 'number'}"
    with addressed.expected(label, check.key, addressed.Numbers()):
        return st.number_input(label, value=float(check.limit), step=1.0, key=check.key, bind="query-params")


if view.risk is None:
    st.info(
        "There is no risk to measure yet: it needs two days with a price of something held.", icon=":material/info:"
    )
else:
    st.caption(f"{looked_at.words_since(view.since)}. {view_of.basis(view, returns)}")
    tiles.show(view_of.tiles(view, view_of.OWN), key="risk")
    if view.benchmark is None:
        st.caption("Set a benchmark for beta, alpha, tracking error and capture.")
    else:
        st.markdown(f"**Against {verbatim(view.benchmark.symbol)}**")
        tiles.show(view_of.tiles(view, view_of.RELATIVE), key="relative")

with st.container(horizontal=True, vertical_alignment="center", key="health_head"):
    st.markdown("**Checks of health**")
    with st.popover("Limits", icon=":material/tune:", key="limits"):
        limits = {check.key: _limit(check) for check in health.CHECKS}
rows, asked = health.checked(view, limits)
cell = tables.show(rows, key="health", name="health", columns=configured(health.COLUMNS), selects=True)
explaining.cell(cell, lambda row, _: asked[row], health.FIGURES)
st.caption(health.verdict(rows))

if view.risk is None:
    st.stop()

st.markdown("**In how few hands it stands**")
tiles.show(view_of.concentration(view), key="concentration")

left, right = st.columns(2, gap="large")
with left:
    st.markdown("**Rolling volatility**")
    window = addressed.one_of("Over", view_of.WINDOWS, default="3 months", key="volatility_window")
    line = view_of.rolling(view, returns, view_of.WINDOWS[window])
    if line.is_empty():
        st.caption(f"There are no {view_of.WINDOWS[window]} trading days yet.")
    else:
        point = charting.show(
            charts.rolling, line, window, key="rolling_volatility", alt="Volatility of a window by day", selects=True
        )
        length, periods = view_of.WINDOWS[window], view_of.periods_a_year(view)
        explaining.day(point, partial(points.volatility_until, returns, length, periods, line))
with right:
    st.markdown("**How the largest holdings move together**")
    span = addressed.one_of("Over", view_of.SPANS, default="3 years", key="correlation_span")
    symbols = view_of.compared(view)
    if len(symbols) < 2:  # noqa: PLR2004 - of two
        st.caption("Two holdings are needed to compare them.")
    else:
        since = view_of.since(looked_at.as_of, span)
        pairs = data.correlations(looked_at, symbols, view.base_currency, since)
        matrix = view_of.matrix(symbols, pairs)
        pairs_known = view_of.known_pairs(matrix)
        point = charting.show(
            charts.correlations,
            symbols,
            matrix,
            pairs_known,
            key="correlations" if len(symbols) <= view_of.FEW_COMPARED else "correlations_many",
            alt="Correlations of the largest holdings",
            selects=True,
        )
        if point is not None:
            row, column = pairs_known[point.number]
            pair = symbols[row], symbols[column]
            returns = data.paired_returns(looked_at, pair, view.base_currency, since)
            explaining.show(view_of.correlation(pair, matrix[row][column], returns, view.base_currency))
        st.caption(
            f"Correlation of daily returns of closes in {view.base_currency}, on days that both have: 1 alike, 0 "
            f"without relation, {formats.number(-1, decimals=0)} against each other. Empty with fewer than 20 days in "
            "common. Click one to see the returns that it is of."
        )

if view_of.is_foreign(view):
    st.markdown("**Currencies, and the return with exchange rates held constant**")
    grown = data.at_constant_rates(looked_at)
    tiles.show(view_of.hedged(view, grown), key="hedged")
    left, right = st.columns([3, 2], gap="large")
    with left:
        point = charting.show(
            growth_charts.growth,
            view_of.lines(grown),
            key="constant_rates",
            alt="Growth with and without changes of exchange rates",
            selects=True,
        )
        explaining.day(point, partial(points.constant_rates_until, grown))
    with right:
        shares = view_of.currencies(view)
        paths = [f"allocations.currency.{key}" for key in shares["Currency"]]
        explaining.table(shares, paths, view_of.CURRENCY_FIGURES, columns=view_of.CURRENCY_COLUMNS, key="currencies")
