"""The first run: nobody has stated anything yet, and this is how to begin.

Belongs here: the guide, and making the first portfolio. Does not: importing and entering (the Transactions page).
"""

import streamlit as st

from dashboard.data import served
from dashboard.views.settings import METHODS
from dashboard.views.verbatim import with_commands
from pipelines.portfolio.models import CostMethod
from warehouse.ledger import LedgerError

# Nobody who has no transaction yet names the lots of a sale.
_METHODS = [method for method in METHODS if method is not CostMethod.SPECIFIC]


def show() -> None:
    """Guide to the first portfolio."""
    st.title("Welcome to Folioduck")
    st.markdown("Every figure here comes from what you state and what the market said, and says so when asked.")
    own, demo = st.columns([3, 2], gap="large")
    with own:
        _first_portfolio()
    with demo, st.container(border=True, key="welcome_demo"):
        st.subheader("Look around first")
        st.markdown("Two portfolios on ten years of real prices, kept apart from yours:")
        st.code("FOLIO_HOME=demo folio demo", language="bash")
        st.markdown("Or begin on the command line:")
        st.code("folio init --portfolio Mine --base EUR\nfolio import transactions.csv\nfolio refresh", language="bash")


def _first_portfolio() -> None:
    with st.form("first_portfolio"):
        st.subheader("1. Create a portfolio")
        name = st.text_input("Name", value="Portfolio", max_chars=80)
        base = st.text_input("Base currency", value="EUR", max_chars=3, help="ISO 4217 code; totals are stated in it.")
        method = st.selectbox("A sale closes", _METHODS, format_func=METHODS.__getitem__)
        made = st.form_submit_button("Create", type="primary", icon=":material/add:")
    st.caption(
        "2. Import a file or enter transactions.\n3. Prices come by themselves while `folio up` runs, or now with"
    )
    st.code("folio refresh", language="bash")
    if not made:
        return
    try:
        served.create_portfolio(name.strip(), base.strip().upper(), method.value)
    except LedgerError as error:
        st.error(f"{with_commands(str(error))}.", icon=":material/error:")
        return
    st.rerun()
