"""Parts of the Settings page: a portfolio, its accounts, a new portfolio, deleting one.

Belongs here: what is drawn and what a button does. Does not: words (`views`), reading and writing (`data.statements`).
"""

import streamlit as st

from dashboard import tables
from dashboard.chosen import Chosen, look_at
from dashboard.columns import configured
from dashboard.data import served, statements, watching
from dashboard.panels import editing
from dashboard.views import settings as view_of
from dashboard.views.verbatim import verbatim
from pipelines.portfolio.models import CostMethod
from warehouse.ledger import Account, Portfolio
from warehouse.schema.currencies import currency_codes

_WIDTH, _WIDE = 240, 330
_BASE = "The portfolio's"


def portfolio_form(portfolio: Portfolio) -> None:
    """Show what is said of a portfolio, to be changed."""
    seen: Portfolio = editing.seen(portfolio.portfolio_id, portfolio)
    key = f"portfolio_{seen.portfolio_id}_{editing.turn()}"
    codes, methods = sorted(currency_codes()), list(CostMethod)
    with st.form(key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", seen.name, key=f"{key}_name", width=_WIDTH)
            base = st.selectbox(
                "Base currency", codes, codes.index(seen.base_currency), key=f"{key}_base", width=_WIDTH
            )
            method = st.selectbox(
                "A sale closes",
                methods,
                methods.index(CostMethod(seen.cost_method)),
                format_func=view_of.METHODS.__getitem__,
                key=f"{key}_method",
                width=_WIDE,
            )
            benchmark = st.text_input(
                "Benchmark",
                seen.benchmark or "",
                key=f"{key}_benchmark",
                width=_WIDTH,
                placeholder="^GSPC",
                help="Symbol to compare with; its prices come with the next run. Empty for none.",
            )
        sent = st.form_submit_button("Save", key=f"{key}_submit", icon=":material/save:")
    if not sent:
        return
    changes = {"name": name.strip(), "base_currency": base, "cost_method": str(method)}
    compared = view_of.as_stored(benchmark, watching.known_symbols()) or None
    if editing.attempt(lambda: statements.change_portfolio(seen, **changes, benchmark=compared)):
        look_at(name.strip())
        editing.done("Saved. Every figure follows.")
    editing.offer_anew(_content(seen), _content(statements.current(portfolio)))


def _content(portfolio: Portfolio | None) -> tuple[object, ...] | None:
    if portfolio is None:
        return None
    return (portfolio.name, portfolio.base_currency, portfolio.cost_method, portfolio.benchmark)


def unpriced_benchmark(looked_at: Chosen) -> None:
    """Say that there is nothing to compare a portfolio with, where its benchmark has no price."""
    benchmark = looked_at.portfolio.benchmark
    if benchmark is None or benchmark in set(statements.instruments(looked_at.portfolio).prices["symbol"]):
        return
    [quote] = watching.quotes((benchmark,), looked_at.as_of, looked_at.known_on)
    if quote.price is None:
        st.warning(view_of.unpriced(benchmark, looked_at.as_of), icon=":material/query_stats:")


def accounts(portfolio: Portfolio) -> None:
    """Show the accounts, and the form of one of them or of a new one."""
    stated = statements.accounts(portfolio)
    tables.show(
        view_of.accounts(stated, portfolio.base_currency),
        key="accounts",
        name="accounts",
        columns=configured(view_of.ACCOUNT_COLUMNS),
    )
    by_name = {account.account: account for account in stated}
    chosen = st.selectbox(
        "Change an account, or name a new one",
        list(by_name),
        index=None,
        key=f"account_{editing.turn()}",
        width=_WIDTH * 2,
        accept_new_options=True,
        placeholder="Choose or type a name",
    )
    if chosen:
        _account(portfolio, chosen.strip(), by_name.get(chosen))


def _account(portfolio: Portfolio, name: str, now: Account | None) -> None:
    seen: Account | None = editing.seen(f"account {name}", now)
    key = f"account_{name}_{editing.turn()}"
    codes = [_BASE, *sorted(currency_codes())]
    tracked = list(view_of.TRACKS)
    with st.form(key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            place = codes.index(seen.currency) if seen and seen.currency else 0
            currency = st.selectbox("Currency", codes, place, key=f"{key}_currency", width=_WIDTH)
            kept = list(view_of.TRACKS.values()).index(seen.tracks_cash if seen else None)
            tracks = st.selectbox("Its cash is kept", tracked, kept, key=f"{key}_tracks", width=_WIDTH + 60)
            short = st.checkbox(
                "Allow shorts",
                value=bool(seen and seen.allow_short),
                key=f"{key}_short",
                help="A sale of more than is held opens a short instead of being refused.",
            )
        words = "Save" if seen else f"Create {verbatim(name)}"
        sent = st.form_submit_button(words, key=f"{key}_submit", icon=":material/save:")
    if not sent:
        return
    if editing.attempt(
        lambda: statements.put_account(
            portfolio,
            name,
            seen=seen,
            currency=None if currency == _BASE else currency,
            tracks_cash=view_of.TRACKS[tracks or tracked[0]],
            allow_short=short,
        )
    ):
        editing.done(f"Saved: {name}.")
    editing.offer_anew(seen, now)


def new_portfolio() -> None:
    """Show the form of a new portfolio."""
    key = f"new_portfolio_{editing.turn()}"
    codes, methods = sorted(currency_codes()), list(CostMethod)
    with st.form(key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", key=f"{key}_name", width=_WIDTH)
            base = st.selectbox("Base currency", codes, codes.index("EUR"), key=f"{key}_base", width=_WIDTH)
            method = st.selectbox(
                "A sale closes", methods, format_func=view_of.METHODS.__getitem__, key=f"{key}_method", width=_WIDE
            )
        sent = st.form_submit_button("Create", key=f"{key}_submit", icon=":material/add:")
    if sent and editing.attempt(lambda: served.create_portfolio(name.strip(), base or "", str(method))):
        look_at(name.strip())
        editing.done(f"Created: {name.strip()}. It is chosen above: enter or import its transactions.")


def delete_portfolio(portfolio: Portfolio) -> None:
    """Show the deletion of a portfolio, which wants its name."""
    with st.popover(
        "Delete this portfolio", icon=":material/delete_forever:", key=f"deletion_{portfolio.portfolio_id}"
    ):
        st.markdown(
            "Its accounts, transactions and decisions go with it, and this cannot be undone. What happened stays in "
            "the audit trail."
        )
        typed = st.text_input(f"Type {verbatim(portfolio.name)} to confirm", key=f"confirm_{portfolio.portfolio_id}")
        confirmed = typed == portfolio.name
        if st.button("Delete it for good", key="delete_portfolio", disabled=not confirmed) and (
            editing.attempt(lambda: statements.delete_portfolio(portfolio))
        ):
            look_at(None)
            editing.done(f"Deleted: {portfolio.name}.")
