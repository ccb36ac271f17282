"""Data health: how old everything is, what failed, what waits, how providers and runs do, what was published."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import addressed, tables, tiles
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import health, served
from dashboard.states import not_published
from dashboard.views import data_health as view_of
from dashboard.views.verbatim import verbatim, with_commands
from pipelines import formats
from pipelines.releases import WAITING, NotReleasableError
from warehouse.errors import WarehouseError
from warehouse.ledger import AcceptedAlreadyError, InvalidValueError

published = served.newest_publication()
runs = health.runs()
last_run = runs["run_id"][0] if runs.height else None
gates = health.gates(last_run)
held_back, can_accept = health.held_back()
waiting = held_back.filter(held_back["state"].is_in(list(WAITING))).height


def freshness() -> None:
    """Show the age of tables, symbols and rates."""
    if published is None:
        not_published()
        return
    symbols = health.symbols()
    st.markdown("**Symbols**")
    st.caption(view_of.counted_symbols(symbols))
    shown = addressed.one_of("Symbols", view_of.SHOWN_SYMBOLS, default="Held", key="symbols_shown", hides_label=True)
    tables.show(
        view_of.symbols(symbols, shown),
        key="symbols",
        name="symbols",
        columns=configured(view_of.SYMBOL_COLUMNS),
    )
    st.markdown("**Tables**")
    tables.show(
        view_of.tables(health.tables(), served.today()),
        key="tables",
        name="tables",
        columns=configured(view_of.TABLE_COLUMNS),
    )
    rates = health.rates()
    if not rates.is_empty():
        st.markdown("**Exchange rates**")
        tables.show(
            view_of.rates(rates, served.today()),
            key="rates",
            name="rates",
            columns=configured(view_of.RATE_COLUMNS),
        )


def checks() -> None:
    """Show what the gates of the last run found."""
    if gates.is_empty():
        st.info("No run has checked anything yet. Run `folio refresh`.", icon=":material/info:")
        return
    run = runs.row(0, named=True)
    st.caption(f"What the run `{run['kind']}` of {view_of.moment(run['started_at'])} found; it is {run['status']}.")
    tables.show(view_of.gates(gates), key="gates", name="checks", columns=configured(view_of.GATE_COLUMNS))


def quarantine() -> None:
    """Show rows that are not believed, and accept some."""
    with addressed.expected("States", "states", view_of.STATES):
        states = st.pills(
            "States",
            view_of.STATES,
            selection_mode="multi",
            default=list(WAITING),
            key="states",
            bind="query-params",
            label_visibility="collapsed",
        )
    found = view_of.held_back(held_back, states)
    if found.is_empty():
        st.info("Nothing of that is held back.", icon=":material/check_circle:")
    else:
        tables.show(found, key="held", name="held-back", columns=configured(view_of.HELD_COLUMNS))
    choices = view_of.to_release(held_back)
    if not choices:
        return
    if not can_accept:
        st.caption("What was accepted is in the ledger, which cannot be read just now.")
    elif served.is_demo():
        st.caption("The demo takes no statements: in a home of your own, rows can be accepted here.")
    else:
        release(choices)


def release(choices: dict[int, str]) -> None:
    """Show the form that accepts rows."""
    with st.form("release", clear_on_submit=True):
        st.markdown("**Accept rows as they were fetched**")
        numbers = st.multiselect("Rows", list(choices), format_func=choices.__getitem__, key="released")
        reason = st.text_input("Why they are to be believed", key="reason", help="It is kept, with your name.")
        if not st.form_submit_button("Accept", icon=":material/done:"):
            return
    try:
        count = health.release(numbers, reason) if numbers else 0
    except (NotReleasableError, InvalidValueError, AcceptedAlreadyError) as error:
        st.error(f"{with_commands(str(error))}.", icon=":material/error:")
        return
    if not count:
        st.warning("Choose at least one row.")
        return
    st.success(f"{count} accepted: the next `folio refresh` takes them.", icon=":material/check_circle:")


def providers() -> None:
    """Show how providers do; ask one again that is left alone."""
    known = health.providers()
    st.caption("As of now; a day of calls and quotas begins at 00:00 UTC.")
    tables.show(
        view_of.providers(known), key="providers", name="providers", columns=configured(view_of.PROVIDER_COLUMNS)
    )
    alone = view_of.left_alone(known)
    with st.container(horizontal=True, key="left_alone"):
        for source in alone:
            st.button(
                f"Ask {source} again",
                key=f"reset_{source}",
                icon=":material/restart_alt:",
                on_click=health.reset,
                args=(source,),
            )


def history() -> None:
    """Show the last runs."""
    if runs.is_empty():
        st.info("Nothing has run yet. Run `folio refresh`.", icon=":material/info:")
        return
    address = health.dagster_address()
    columns: dict[str, Any] = configured(view_of.RUN_COLUMNS)
    if address is not None:
        columns["Run"] = st.column_config.LinkColumn("Run", display_text=r"/runs/([0-9a-f]{8})")
        st.link_button("Dagster UI", address, icon=":material/open_in_new:")
    tables.show(view_of.runs(runs, address), key="runs", name="runs", columns=columns)


def publications() -> None:
    """Show what was published, and what moved between two publications."""
    known = health.kept_publications()
    if not known:
        not_published()
        return
    tables.show(view_of.kept(known), key="kept", name="publications", columns=configured(view_of.PUBLICATION_COLUMNS))
    names = view_of.moments(known)
    portfolios = served.portfolios()
    if len(names) == 1 or not portfolios:
        st.caption("Once there are two, what moved between them can be shown here.")
        return
    portfolio = chosen().portfolio
    st.markdown(f"**What moved in {verbatim(portfolio.name)}**")
    with st.container(horizontal=True, vertical_alignment="bottom", key="compared"):
        before = addressed.named("From", dict(list(names.items())[1:]), key="from", width=240)
        later = {name: said for name, said in names.items() if name > before}
        after = addressed.named("To", later, key="to", width=240)
        wanted = st.button("Compare", icon=":material/difference:", key="compare")
    if wanted:
        st.session_state["compared"] = (portfolio.portfolio_id, before, after)
    if st.session_state.get("compared") == (portfolio.portfolio_id, before, after):
        difference(portfolio.portfolio_id, before, after)


def difference(portfolio_id: str, before: str, after: str) -> None:
    """Show which figures moved between two publications, and because of which rows."""
    found = health.compared(portfolio_id, before, after)
    if not found.figures and not found.rows:
        st.info("Nothing moved.", icon=":material/check_circle:")
        return
    st.caption("Each figure with what each cause added to it; the rows that did it are below.")
    moved = view_of.moved(found)
    figures = {name: st.column_config.TextColumn(name, alignment="right") for name in moved.columns[1:]}
    tables.show(moved, key="moved", name="moved", columns=figures)
    if found.rows:
        tables.show(view_of.changed(found), key="changed", name="changed-rows")
    if found.rows_left_out:
        st.caption(f"And {formats.count(found.rows_left_out)} rows more.")


SECTIONS: dict[str, Callable[[], None]] = dict(
    zip(view_of.SECTIONS, (freshness, checks, quarantine, providers, history, publications), strict=True)
)

st.subheader("Data health")
tiles.show(
    view_of.tiles(published=published, runs=runs, gates=gates, waiting=waiting, now=health.present()),
    key="health",
    why=None,
)
for finding in view_of.findings(published=published, runs=runs, gates=gates, waiting=waiting):
    {"error": st.error, "warning": st.warning}[finding.level](finding.text)

section = addressed.one_of("Section", view_of.SECTIONS, default=view_of.SECTIONS[0], key="section", hides_label=True)
try:
    SECTIONS[section]()
except WarehouseError as error:
    st.error(f"{with_commands(str(error))}.", icon=":material/error:")
