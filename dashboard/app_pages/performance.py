"""Performance: returns in every sense, against the benchmark, by period, month and holding."""

from functools import partial

import streamlit as st

from dashboard import charting, explaining, tables, tiles
from dashboard.charts import performance as charts
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import figures
from dashboard.states import shortcomings
from dashboard.views import performance as view_of
from dashboard.views import points
from dashboard.views.verbatim import verbatim
from pipelines import formats

st.subheader("Performance")
looked_at = chosen()
view = figures.view(looked_at).view
performance = view.performance
line = view_of.growth(view)
shortcomings(view)
if performance is None or line.height < view_of.LEAST_DAYS:
    st.info("There is no return yet: it needs two days with a value.", icon=":material/info:")
    st.stop()

st.caption(
    f"{looked_at.words}, since {formats.day(line['date'][0])}, in {view.base_currency}. "
    f"{view_of.known_until(view, line)}Click a day of a chart, a month or a figure to see where it comes from."
)
tiles.show(view_of.tiles(view), key="return")

left, right = st.columns([3, 2], gap="large")
with left:
    st.markdown("**Growth, free of what was paid in and out**")
    grown, names = {"performance": line}, {"performance": "Portfolio"}
    if view.benchmark is not None:
        grown["benchmark"], names["benchmark"] = view_of.benchmark_growth(view.benchmark), view.benchmark.symbol
    named = {names[section]: gained for section, gained in grown.items()}
    point = charting.show(
        charts.growth, named, key="growth", alt="Time-weighted growth by day, beside the benchmark's", selects=True
    )
    explaining.day(point, partial(points.growth_on, grown))
with right:
    st.markdown("**Rolling returns**")
    window = st.segmented_control("Over", list(view_of.WINDOWS), default="1 year", key="window", required=True)
    rolled = view_of.rolling(line, view_of.WINDOWS[window])
    if rolled.height < view_of.LEAST_DAYS:
        st.caption(f"What is looked at is no longer than {window}.")
    else:
        point = charting.show(
            charts.growth,
            {f"{window} until": rolled},
            key="rolling",
            alt=f"Return of the last {window} by day",
            selects=True,
        )
        explaining.day(point, partial(points.rolled_until, line, view_of.WINDOWS[window]))

if view.benchmark is not None:
    st.markdown(f"**The same flows in {verbatim(view.benchmark.symbol)}**")
    compared = view_of.against(view, view.benchmark)
    columns = configured(view_of.COMPARED_COLUMNS)
    cell = tables.show(compared, key="benchmark", name="benchmark", columns=columns, selects=True)
    explaining.cell(cell, lambda row, field: view_of.compared(view, row, field), view_of.COMPARED_FIGURES)

frame, paths = view_of.periods(view)
st.markdown("**Periods**")
cell = tables.show(frame, key="periods", name="periods", columns=configured(view_of.PERIOD_COLUMNS), selects=True)
explaining.cell(cell, paths, view_of.FIGURES)

matrix = view_of.months(performance)
if not matrix.is_empty():
    st.markdown("**Months**")
    month = charting.show(charts.months, matrix, key="months", alt="Return of each month and year", selects=True)
    if month is not None:
        explaining.show(view_of.month_paths(matrix)[month.number])

falls, fallen = view_of.drawdowns(performance, looked_at.as_of)
if not falls.is_empty():
    st.markdown("**Drawdowns**")
    point = charting.show(
        charts.below_peak,
        view_of.below_peak(line),
        key="below_peak",
        alt="Distance from the highest value so far, by day",
        selects=True,
    )
    explaining.day(point, partial(points.below_peak_on, line))
    explaining.table(
        falls,
        lambda row, field: view_of.drawdown_figure(falls, fallen, looked_at.as_of, row, field),
        view_of.DRAWDOWN_FIGURES,
        columns=view_of.DRAWDOWN_COLUMNS,
        key="drawdowns",
    )

parts = view_of.contributions(performance)
st.markdown("**What each holding added to the time-weighted return**")
if parts.is_empty():
    st.caption(view_of.no_contributions(view))
else:
    bar = charting.show(
        charts.waterfall, parts, key="contributions", alt="What each holding added to the return", selects=True
    )
    if bar is not None:
        explaining.show(view_of.contribution(parts, bar.number))
