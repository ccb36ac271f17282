"""SQL: ask the published file anything, read-only."""

import datetime as dt
from dataclasses import dataclass

import polars as pl
import streamlit as st

from dashboard import charting, tables
from dashboard.charts import sql as charts
from dashboard.columns import as_stored, configured
from dashboard.data import served, sql
from dashboard.views import sql as view_of
from pipelines import formats
from warehouse.adhoc.asking import Answer, Outcome, Question

_WANTED, _ASKED, _HISTORY, _TURN = "sql_wanted", "sql_asked", "sql_history", "sql_turn"
_PATIENCE = 1.0
"""Seconds for which a run of the page waits: most answers come sooner, and then nothing moves twice."""
_LOOK = 0.4


@dataclass(slots=True)
class Running:
    """The last query of this session."""

    query: str
    question: Question
    noted: bool = False


def want(query: str) -> None:
    """Put a query into the editor and have this run of the page ask it."""
    st.session_state["sql"] = st.session_state[_WANTED] = query
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def start(query: str, most_rows: int) -> None:
    """Ask a query; another of this session that still runs is ended."""
    before: Running | None = st.session_state.get(_ASKED)
    if before is not None:
        before.question.cancel()
    question = sql.ask(query, most_rows)
    st.session_state[_ASKED] = Running(query, question)
    question.wait(_PATIENCE)


@st.fragment(run_every=_LOOK)
def waiting(running: Running) -> None:
    """Say that a query runs, until it has ended."""
    if running.question.wait(0) is not None:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="sql_waiting"):
        doing = "Running" if running.question.has_begun else "Others are asking: waiting for a place"
        st.caption(f"{doing} for {running.question.seconds:.0f} s")
        st.button("Cancel", icon=":material/cancel:", on_click=running.question.cancel, key="sql_cancel")


def note(running: Running, answer: Answer) -> None:
    """Put a query that is over into the history, once."""
    if running.noted:
        return
    running.noted = True
    rows = None if answer.frame is None else answer.frame.height
    entry = view_of.Asked(running.query, dt.datetime.now(dt.UTC), answer.outcome, answer.seconds, rows)
    st.session_state[_HISTORY] = [entry, *st.session_state.get(_HISTORY, [])][: view_of.HISTORY_KEPT]


def editor() -> None:
    """Show the editor, and ask what is wanted."""
    with st.form("sql_form", border=False):
        st.text_area(
            "Query",
            key="sql",
            height=180,
            placeholder="SELECT symbol, value_base FROM holdings ORDER BY value_base DESC",
            bind="query-params",
            persist_state="session",
            label_visibility="collapsed",
        )
        with st.container(horizontal=True, vertical_alignment="bottom", key="sql_controls"):
            asked = st.form_submit_button(
                "Run", icon=":material/play_arrow:", help="Ctrl+Enter in the editor does it, too."
            )
            most_rows = st.selectbox(
                "At most",
                view_of.LIMITS,
                index=view_of.LIMITS.index(view_of.LIMIT),
                format_func=lambda rows: f"{rows} rows",  # as the address has it, so without a locale
                key="rows",
                bind="query-params",
                label_visibility="collapsed",
                width=150,
            )
    wanted = st.session_state.pop(_WANTED, None)
    if asked:
        wanted = st.session_state.get("sql") or ""
    if wanted is not None:
        start(wanted, most_rows)


def suggestions() -> None:
    """Show queries that fill the editor: examples, and those of this session."""
    # Another key after each choice: what was open closes, for it would stand before the answer.
    turn = st.session_state.get(_TURN, 0)
    with st.container(horizontal=True, key="sql_more"):
        with st.popover("Examples", icon=":material/lightbulb:", key=f"sql_examples_{turn}"):
            for number, example in enumerate(view_of.EXAMPLES):
                st.button(
                    example.title, key=f"sql_example_{number}", type="tertiary", on_click=want, args=(example.query,)
                )
        with st.popover("History", icon=":material/history:", key=f"sql_history_{turn}"):
            history()


def history() -> None:
    """Show the queries of this session, to be run again."""
    entries: list[view_of.Asked] = st.session_state.get(_HISTORY, [])
    if not entries:
        st.caption("What you ask in this session is listed here.")
    for number, entry in enumerate(entries):
        st.button(entry.title, key=f"sql_again_{number}", type="tertiary", on_click=want, args=(entry.query,))
        st.caption(entry.about)


def schema() -> None:
    """Show what there is to ask."""
    columns = sql.columns()
    with st.expander("Tables and columns", icon=":material/schema:", key="sql_schema"):
        names = view_of.table_names(columns)
        with st.container(horizontal=True, vertical_alignment="bottom", key="sql_table_controls"):
            name = st.selectbox("Table", list(names), key="table", bind="query-params", width=320)
            st.button("First rows", icon=":material/table:", on_click=want, args=(view_of.first_rows(name),))
        st.caption(names[name])
        tables.show(
            view_of.table_columns(columns, name),
            key="sql_columns",
            name=f"{name}-columns",
            columns=configured(view_of.COLUMN_COLUMNS),
        )
        st.caption(
            "Besides: `fx_rate(src, dst, day)`, the rate of one `src` in `dst`, and `fx_rate_date(src, dst, day)`, the"
            " day that it is of. Amounts that end in `_local` are in the instrument's currency, `_base` in the"
            " portfolio's; fractions are fractions; a null is not known."
        )


def show(answer: Answer) -> None:
    """Show what became of a query."""
    if formats.hides_amounts():
        said = "Answers are hidden with the amounts, for a query can write one as anything."
        st.info(said, icon=":material/visibility_off:")
        return
    reason = view_of.why_not(answer, sql.asker().bounds)
    if reason is not None:
        st.warning(reason, icon=":material/block:")
    elif answer.outcome is Outcome.FAILED:
        st.error("DuckDB does not run it:", icon=":material/error:")
        st.code(answer.message or "", language=None, wrap_lines=False)
    elif answer.frame is not None:
        rows(answer, answer.frame)


def rows(answer: Answer, frame: pl.DataFrame) -> None:
    """Show the rows of an answer, or a chart of them."""
    st.caption(view_of.counted(answer))
    plan = view_of.plan(frame)
    if plan is not None:
        st.code(plan, language=None)
        return
    axes = view_of.axes(frame)
    shown = "Table"
    if axes is not None:
        shown = st.segmented_control(
            "Show", ["Table", "Chart"], default="Table", key="shown", required=True, label_visibility="collapsed"
        )
    if axes is None or shown == "Table":
        first = view_of.first(frame)
        tables.show(first, key="sql_answer", name="query", columns=as_stored(frame), whole=frame)
        if first.height < frame.height:
            st.caption(f"The first {formats.count(first.height)} rows are shown; files have all of them.")
    else:
        chart(frame, axes)


def chart(frame: pl.DataFrame, axes: view_of.Axes) -> None:
    """Show a chart of an answer, with what it is of."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="sql_chart_controls"):
        kind = st.segmented_control("Kind", list(charts.KINDS), default="Line", key="kind", required=True)
        x = st.selectbox("x", axes.x, key="x", width=200)
        with st.popover("y", icon=":material/ssid_chart:"):
            ys = st.pills(
                "y", axes.y, selection_mode="multi", default=axes.y[:1], key="y", label_visibility="collapsed"
            )
        by = st.selectbox(
            "A line for each",
            axes.by,
            index=axes.by.index(axes.apart) if axes.apart else None,
            key="by",
            placeholder="–",
            width=200,
        )
    if not ys:
        st.caption("Choose at least one column for y.")
        return
    lines = view_of.lines(frame, x, ys, by)
    charting.show(charts.drawn, lines, x, ", ".join(ys), kind, key="sql_chart", alt=f"{', '.join(ys)} over {x}")
    if frame.height > view_of.MOST_DRAWN:
        st.caption(f"The first {formats.count(view_of.MOST_DRAWN)} rows are drawn.")


published = served.publication()
st.subheader("SQL")
if sql.others_in_it():
    st.info(
        "This publication has portfolios of other people, and SQL would show them. `folio sql` is for whoever may read"
        " the published file.",
        icon=":material/lock:",
    )
    st.stop()
bounds = sql.asker().bounds
st.caption(
    f"DuckDB on the publication of {formats.day(published.published_at.date())}, {published.published_at:%H:%M} UTC."
    f" One query at a time, which only reads, for up to {bounds.seconds:g} s. What is asked is kept on record."
)
editor()
asked: Running | None = st.session_state.get(_ASKED)
found = asked.question.wait(0) if asked else None
if asked and found:
    note(asked, found)
suggestions()
schema()
if found:
    show(found)
elif asked:
    waiting(asked)
