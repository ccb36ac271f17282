"""Performance: returns in every sense, against the benchmark, by period, month and holding."""

import streamlit as st

from dashboard import explaining, formats, tables
from dashboard.charts import performance as charts
from dashboard.charts.layout import EXPORTS
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import figures
from dashboard.views import performance as view_of

looked_at = chosen()
view = figures.view(looked_at).view
performance = view.performance
line = view_of.growth(view)
if performance is None or line.height < view_of.LEAST_DAYS:
    st.info("There is no return yet: it needs two days with a value.", icon=":material/info:")
    st.stop()

st.subheader("Performance")
st.caption(f"{looked_at.words}, since {formats.day(line['date'][0])}, in {view.base_currency}.")
with st.container(horizontal=True, key="returns"):
    for tile in view_of.tiles(view):
        with st.container(key=f"return_{tile.key}", width=172, border=True, gap="small"):
            st.metric(tile.label, tile.text, tile.detail, delta_color="off", delta_arrow="off")
            explaining.button(tile.path, tile.key)

left, right = st.columns([3, 2], gap="large")
with left:
    st.markdown("**Growth, free of what was paid in and out**")
    st.plotly_chart(charts.growth({"Portfolio": line}), width="stretch", config=EXPORTS, key="growth")
with right:
    st.markdown("**Rolling returns**")
    window = st.segmented_control("Over", list(view_of.WINDOWS), default="1 year", key="window", required=True)
    rolled = view_of.rolling(line, view_of.WINDOWS[window])
    if rolled.is_empty():
        st.caption(f"The portfolio is not {window} old.")
    else:
        st.plotly_chart(charts.growth({f"{window} until": rolled}), width="stretch", config=EXPORTS, key="rolling")

if view.benchmark is not None:
    st.markdown(f"**The same flows in {view.benchmark.symbol}**")
    compared = view_of.against(view, view.benchmark)
    tables.show(compared, key="benchmark", name="benchmark", columns=configured(view_of.COMPARED_COLUMNS))

frame, paths = view_of.periods(view)
st.markdown("**Periods**")
cell = tables.show(frame, key="periods", name="periods", columns=configured(view_of.PERIOD_COLUMNS), selects=True)
explaining.cell(cell, paths, view_of.FIGURES)

matrix = view_of.months(performance)
if not matrix.is_empty():
    st.markdown("**Months**")
    st.plotly_chart(charts.months(matrix), width="stretch", config=EXPORTS, key="months")

falls = view_of.drawdowns(performance, looked_at.as_of)
if not falls.is_empty():
    st.markdown("**Drawdowns**")
    st.plotly_chart(charts.below_peak(view_of.below_peak(line)), width="stretch", config=EXPORTS, key="below_peak")
    tables.show(falls, key="drawdowns", name="drawdowns", columns=configured(view_of.DRAWDOWN_COLUMNS))

parts = view_of.contributions(performance)
if not parts.is_empty():
    st.markdown("**What each holding added to the time-weighted return**")
    st.plotly_chart(charts.waterfall(parts), width="stretch", config=EXPORTS, key="contributions")
