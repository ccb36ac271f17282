"""Settings: portfolios, accounts, what is said of symbols, and where the theme is chosen."""

import streamlit as st

from dashboard import charting
from dashboard.chosen import chosen
from dashboard.data import served
from dashboard.panels import editing, symbols
from dashboard.panels import settings as panels
from dashboard.views.verbatim import verbatim

editing.say_what_was_done()
st.subheader("Settings")
if served.portfolios():
    looked_at = chosen()
    portfolio = looked_at.portfolio
    st.markdown(f"**{verbatim(portfolio.name)}**")
    panels.portfolio_form(portfolio)
    panels.unpriced_benchmark(looked_at)
    panels.delete_portfolio(portfolio)
    st.markdown("**Accounts**")
    panels.accounts(portfolio)
    st.markdown("**Symbols**")
    st.caption("What you say of an instrument counts before what providers say, in this portfolio alone.")
    symbols.instrument(portfolio, looked_at.today)

st.markdown("**New portfolio**")
panels.new_portfolio()

st.markdown("**Pictures**")
charting.choose_picture()

st.markdown("**Light or dark**")
st.caption("The menu at the top right follows the system or keeps to one; the browser remembers it.")
