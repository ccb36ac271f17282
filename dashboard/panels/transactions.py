"""Parts of the Transactions page: filters, forms, the row that is open, files, undoing.

Belongs here: what is drawn and what a button does. Does not: words (`views`), reading and writing (`data.records`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
import streamlit as st

from dashboard import addressed, tables
from dashboard.chosen import Chosen
from dashboard.columns import chosen_titles
from dashboard.data import records, remarks, served, statements, watching
from dashboard.panels import editing, entering, suggesting
from dashboard.views import importing
from dashboard.views import remarks as remarks_of
from dashboard.views import transactions as view_of
from dashboard.views.settings import as_stored
from dashboard.views.typed import FIRST_DAY, LAST_DAY
from dashboard.views.verbatim import with_commands
from pipelines import formats
from pipelines.importers import ImportFileError
from pipelines.portfolio.transactions import Kind
from warehouse.ledger import Portfolio

_BIND: Final = "query-params"
_PARAMETER = "transaction"
_MOST_MB = 25
"""Of a file, as the importer takes it."""


def table_key(portfolio: Portfolio) -> str:
    """Return the key of the table: another one after each change, so that no row stays selected for its place."""
    return f"transactions_{portfolio.version}_{editing.turn()}"


def filters(rows: pl.DataFrame) -> tuple[view_of.Wanted, list[str]]:
    """Show the filters and return what they ask for, and the columns to show."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="transaction_filters"):
        words = st.text_input(
            "Search", placeholder="Any words, in any column", key="words", width=240, bind=_BIND, type="search"
        )
        with st.popover("Filter", icon=":material/filter_alt:"):
            owned = view_of.named(rows, "account", "to_account")
            with addressed.expected("Account", "accounts", owned):
                accounts = st.multiselect("Account", owned, key="accounts", bind=_BIND)
            happened = set(rows["type"].unique())
            kinds = [kind for kind in Kind if kind in happened]
            with addressed.expected("Type", "types", map(view_of.said, kinds), view_of.said):
                types = st.multiselect("Type", kinds, format_func=view_of.said, key="types", bind=_BIND)
            named = view_of.named(rows, "symbol", "to_symbol")
            with addressed.expected("Symbol", "instruments", named):
                symbols = st.multiselect("Symbol", named, key="instruments", bind=_BIND)
            since, until = _day("From"), _day("To")
        order = chosen_titles(view_of.COLUMNS, key="transactions_columns")
    wanted = view_of.Wanted(words=words, accounts=accounts, types=types, symbols=symbols, since=since, until=until)
    return wanted, order


def _day(title: str) -> dt.date | None:
    key = title.lower()
    with addressed.expected(title, key, addressed.Days()):
        return st.date_input(
            title,
            value=None,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            key=key,
            bind=_BIND,
            format=formats.typed_day(),
        )


def _names(portfolio: Portfolio, rows: pl.DataFrame) -> dict[str, list[str]]:
    """Return names to choose from, by field of a form."""
    accounts = [account.account for account in served.own_ledger().accounts(portfolio.portfolio_id)]
    symbols = view_of.named(rows, "symbol", "to_symbol")
    currencies = list(dict.fromkeys((portfolio.base_currency, *view_of.named(rows, "currency", "to_currency"))))
    return {
        "account": accounts,
        "to_account": accounts,
        "symbol": symbols,
        "to_symbol": symbols,
        "currency": currencies,
        "to_currency": currencies,
    }


def new(looked_at: Chosen, rows: pl.DataFrame) -> None:
    """Show the form of a new transaction, by its type."""
    portfolio = looked_at.portfolio
    with addressed.expected("Type", "kind", map(view_of.said, Kind), view_of.said):
        asked = st.selectbox("Type", list(Kind), format_func=view_of.said, key="kind", width=240, bind=_BIND)
    kind = Kind(asked or Kind.BUY)
    known = _names(portfolio, rows)
    accounts = known["account"]
    of_symbol, base = "symbol" in view_of.fields(kind), portfolio.base_currency
    start = ({} if of_symbol else {"currency": base}) | ({"account": accounts[0]} if len(accounts) == 1 else {})
    typed = entering.form(
        view_of.fields(kind),
        key=f"new_{kind}_{editing.turn()}",
        start=start,
        known=known,
        today=looked_at.today,
        submit="Add",
        unsaid=f"The symbol's, or {base}" if of_symbol else "",
    )
    if typed is None:
        return
    row = {"type": kind, **_spelled(typed, rows)}
    priced_in = statements.currency_of(portfolio, row.get("symbol", ""))
    row = {"currency": priced_in or base, **row}
    if editing.attempt(lambda: records.add(portfolio, view_of.plainly(row))):
        unsaid = "" if "currency" in typed else view_of.in_currency(row, priced=priced_in is not None)
        done = f"Added: {view_of.said(kind)} of {formats.day(dt.date.fromisoformat(row['date']))}{unsaid}."
        editing.done(done, _remarks(portfolio, row, accounts))


def _spelled(typed: Mapping[str, str], rows: pl.DataFrame) -> dict[str, str]:
    """Return what was typed with symbols as they are stored."""
    known = [*view_of.named(rows, "symbol", "to_symbol"), *watching.known_symbols()]
    return {name: as_stored(text, known) if name in {"symbol", "to_symbol"} else text for name, text in typed.items()}


def _remarks(portfolio: Portfolio, row: Mapping[str, str], accounts: Sequence[str]) -> list[str]:
    """Return what is remarked of a transaction that was taken, beside accounts that were there before."""
    named = [row[name] for name in ("account", "to_account") if row.get(name) and row[name] not in accounts]
    return [
        *remarks_of.alike(named, accounts),
        *remarks_of.without_price(remarks.unpriced(portfolio, remarks_of.held_by(row))),
    ]


def undo(portfolio: Portfolio) -> None:
    """Show what the last change was, and a button that takes it back."""
    last = records.last_change(portfolio)
    # Another key after each change: what was open closes.
    key = f"undo_menu_{portfolio.version}"
    with st.popover("Undo", icon=":material/undo:", disabled=last is None, key=key):
        if last is None:
            return
        st.markdown("**The last change**")
        st.text(view_of.last(last))
        if st.button("Take it back", key=f"undo_{portfolio.version}") and editing.attempt(
            lambda: records.undo(portfolio)
        ):
            editing.done(f"Taken back. {view_of.last(last)}")


def changes(portfolio: Portfolio) -> None:
    """Show what happened to the portfolio, the last first."""
    frame = view_of.changes(records.changes(portfolio))
    tables.show(frame, key=f"changes_{portfolio.version}", name="changes")
    st.caption("The trail of this portfolio, the last first. Nothing in it is ever changed.")


def import_file(portfolio: Portfolio, rows: pl.DataFrame) -> None:
    """Show a file's rows with what would become of each, and a button that takes it in."""
    st.caption(
        "A CSV file in UTF-8 with a header, as `folio import` takes it. Nothing is written before every row was seen."
    )
    with st.container(horizontal=True, vertical_alignment="top"):
        file = st.file_uploader("File", type="csv", key=f"file_{editing.turn()}", width=420, max_upload_size=_MOST_MB)
        account = st.text_input("Account of rows that name none", key="import_account", width=240, placeholder="None")
    suggesting.names({"import_account": view_of.named(rows, "account")})
    account = (account or "").strip()
    if file is None:
        return
    incoming = records.incoming(file.name, file.getvalue(), account or None)
    preview = records.previewed(portfolio, incoming)
    if isinstance(preview, ImportFileError):
        st.error(with_commands(str(preview)), icon=":material/error:")
        return
    if preview.whole is not None:
        st.error(with_commands(importing.without_numbers(str(preview.whole))), icon=":material/error:")
    elif preview.refused:
        why = "".join(f"\n- {with_commands(reason)}" for reason in importing.reasons(preview))
        st.error(
            f"{importing.summary(preview)} A file is taken whole or not at all: correct it and bring it again.\n{why}",
            icon=":material/error:",
        )
    else:
        st.info(importing.summary(preview), icon=":material/info:")
    accounts = remarks.accounts(portfolio)
    alike = remarks_of.alike(importing.accounts(preview, account) - set(accounts), accounts)
    unpriced = remarks_of.without_price(remarks.unpriced(portfolio, importing.held(preview)))
    for remark in (*alike, *unpriced):
        st.warning(remark, icon=":material/info:")
    whole = importing.table(preview)
    tables.show(whole.head(view_of.MOST_ROWS), key="preview", name=f"{incoming.path.stem}-preview", whole=whole)
    if preview.can_be_taken and st.button("Take it in", key="take", icon=":material/download_done:"):
        taken = []
        if editing.attempt(lambda: taken.append(records.take_in(portfolio, incoming))):
            added, known = formats.count(taken[0].added), formats.count(taken[0].unchanged)
            words = f"{file.name}: {added} added, {known} there already."
            editing.done(words, [*alike, *unpriced])


def opened(looked_at: Chosen, rows: pl.DataFrame, selected: str | None) -> None:
    """Show the row that is open: its form, its deletion, its history; its address names it."""
    if selected is not None:
        st.query_params[_PARAMETER] = selected
    name = st.query_params.get(_PARAMETER)
    if name is None:
        return
    portfolio, now = looked_at.portfolio, records.row(rows, name)
    with st.container(border=True, key="opened"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Transaction** `{name}`", width="stretch")
            if st.button("Close", key="close", icon=":material/close:", type="tertiary"):
                del st.query_params[_PARAMETER]
                editing.begin_anew()
                st.rerun()
        seen = editing.seen(name, now)
        if seen is None:
            st.info("This transaction is not there, or no more.", icon=":material/info:")
        elif formats.hides_amounts():
            st.caption("Amounts are hidden: show them to change or delete it.")
        elif looked_at.known_on is None:
            _editing(looked_at, rows, name, seen)
        st.markdown("**History**")
        frame = view_of.history(records.history(portfolio, name))
        tables.show(frame, key=f"history_{portfolio.version}", name=f"{name}-history")


def _editing(looked_at: Chosen, rows: pl.DataFrame, name: str, seen: dict[str, object]) -> None:
    portfolio = looked_at.portfolio
    key = f"edit_{name}_{editing.turn()}"
    _say_changed(seen, records.row(rows, name))
    place = list(Kind).index(Kind(str(seen["type"])))
    asked = st.selectbox("Type", list(Kind), place, format_func=view_of.said, key=f"{key}_type", width=240)
    kind = Kind(asked or str(seen["type"]))
    known = _names(portfolio, rows)
    accounts = known["account"]
    typed = entering.form(
        view_of.fields(kind, seen),
        key=key,
        start=view_of.cells(seen),
        known=known,
        today=looked_at.today,
        submit="Save",
    )
    if typed is not None:
        row = {"type": kind, **_spelled(typed, rows)}
        if editing.attempt(lambda: records.change(portfolio, name, view_of.plainly(row), seen)):
            unchanged = all(row.get(name) == seen.get(name) for name in ("type", "symbol", "to_symbol", "account"))
            editing.done("Saved.", [] if unchanged else _remarks(portfolio, row, accounts))
    with st.popover("Delete", icon=":material/delete:", key=f"{key}_deletion"):
        st.markdown("This transaction is taken out of every figure. Its history stays, and Undo brings it back.")
        if st.button("Delete it", key=f"{key}_delete") and editing.attempt(
            lambda: records.delete(portfolio, name, seen)
        ):
            del st.query_params[_PARAMETER]
            editing.done("Deleted.")


def _say_changed(seen: dict[str, object], now: dict[str, object] | None) -> None:
    """Say that a row is another one than its visitor looks at, or gone, before they have typed in vain."""
    if now == seen:
        return
    what = "deleted" if now is None else "changed"
    st.warning(f"Somebody has {what} this transaction since you opened it.", icon=":material/info:")
    editing.offer_anew(seen, now)
