"""The inbox of dividends that were due: confirming, editing or rejecting one, adding one, taking a decision back.

Belongs here: these forms. Does not: the table of what is due (`app_pages.income`), writing (`data.dividends`).
"""

import polars as pl
import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data import dividends
from dashboard.panels import days
from dashboard.panels.entered import done, told
from dashboard.views import income as view_of
from dashboard.views.typed import amount, past_day, required, written
from pipelines import formats
from pipelines.dividend_decisions import Payment
from pipelines.portfolio.models import CompleteView, IncomeExpected
from warehouse.ledger import DueDividend


def show(chosen: Chosen, view: CompleteView) -> None:
    """Show the forms; another day's inbox can only be looked at."""
    if not chosen.is_now:
        st.caption("Decisions are made about the portfolio as it stands: go back to today.")
        return
    due, decided = list(reversed(view.income.expected)), dividends.decided(chosen)
    first, second = st.columns(2, gap="large")
    with first:
        if due:
            _decide(chosen, due)
        if not decided.is_empty():
            _take_back(chosen, decided)
    with second if due or not decided.is_empty() else first:
        _add(chosen)


def _decide(chosen: Chosen, due: list[IncomeExpected]) -> None:
    st.markdown("**Confirm, edit or reject**")
    choice = st.selectbox(
        "Dividend",
        range(len(due)),
        index=None,
        key="due",
        format_func=lambda number: view_of.label(due[number]),
        placeholder="One that was due",
    )
    if choice is None:
        st.caption("What you confirm becomes a DIVIDEND of the ledger; what you reject is expected no more.")
        return
    row = due[choice]
    own = f"{row.symbol}_{row.account}_{row.ex_date}"  # each dividend has its own fields
    with st.form("decide"):
        paid_on = days.field("Paid on", row.pay_date or row.ex_date, key=f"paid_{own}")
        amounts = st.columns(3)
        expected = "" if formats.hides_amounts() else written(round(row.gross_local, 2))
        gross = amounts[0].text_input(f"Gross, {row.currency}", expected, key=f"gross_{own}", placeholder="as expected")
        tax = amounts[1].text_input(f"Withheld, {row.currency}", "0", key=f"tax_{own}")
        fee = amounts[2].text_input(f"Fee, {row.currency}", "0", key=f"fee_{own}")
        with st.container(horizontal=True):
            confirmed = st.form_submit_button("Confirm", icon=":material/check:")
            rejected = st.form_submit_button("Reject", icon=":material/close:")
    with told():
        if confirmed:
            stated = amount(gross, "Gross")
            if stated in {None, round(row.gross_local, 2)}:
                stated = row.gross_local  # as it was expected: the form shows cents
            payment = Payment(
                paid_on=past_day(paid_on, "Paid on", chosen.today),
                gross=stated,
                tax=required(tax, "Withheld"),
                fee=required(fee, "Fee"),
            )
            dividends.confirm(chosen, row, payment)
            done(f"{row.symbol}: {formats.money(stated, row.currency)} is in the ledger")
        if rejected:
            dividends.reject(chosen, row)
            done(f"{row.symbol} of {formats.day(row.ex_date)} is expected no more")


def _add(chosen: Chosen) -> None:
    st.markdown("**Add one that was not expected**")
    accounts = dividends.accounts(chosen)
    account = st.selectbox("Account", list(accounts), key="added_account")
    with st.form("add"):
        what = st.columns([2, 1])
        symbol = what[0].text_input("Symbol", key="added_symbol")
        usual = accounts.get(account, "")
        currency = what[1].text_input("Currency", usual, key=f"added_currency_{account}", max_chars=3)
        paid_on = days.field("Paid on", chosen.today, key="added_on")
        amounts = st.columns(3)
        gross = amounts[0].text_input("Gross", key="added_gross")
        tax = amounts[1].text_input("Withheld", "0", key="added_tax")
        fee = amounts[2].text_input("Fee", "0", key="added_fee")
        if not st.form_submit_button("Add", icon=":material/add:"):
            return
    with told():
        payment = Payment(
            paid_on=past_day(paid_on, "Paid on", chosen.today),
            gross=required(gross, "Gross"),
            tax=required(tax, "Withheld"),
            fee=required(fee, "Fee"),
        )
        dividends.add(
            chosen, account=account, symbol=symbol.strip(), currency=currency.strip().upper(), payment=payment
        )
        done(f"{symbol.strip()}: {formats.money(payment.gross, currency.upper())} is in the ledger")


def _take_back(chosen: Chosen, rows: pl.DataFrame) -> None:
    st.markdown("**Decided**")
    decided = {
        f"{row['symbol']}, {formats.day(row['ex_date'])}, {row['account']}: {row['state']}": row
        for row in rows.sort("ex_date", descending=True).iter_rows(named=True)
    }
    choice = st.selectbox("Decision", list(decided), index=None, key="decision", placeholder="One to take back")
    if st.button("Take back", key="take_back", icon=":material/undo:", disabled=choice is None) and choice is not None:
        row = decided[choice]
        with told():
            dividends.withdraw(chosen, DueDividend(row["account"], row["symbol"], row["ex_date"]))
            done(f"{row['symbol']} of {formats.day(row['ex_date'])} is undecided again")
