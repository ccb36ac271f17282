"""Settings: portfolios, accounts, and where the theme is chosen."""

import streamlit as st

from dashboard.chosen import chosen
from dashboard.data import served
from dashboard.panels import editing
from dashboard.panels import settings as panels

editing.say_what_was_done()
st.subheader("Settings")
if served.portfolios():
    portfolio = chosen().portfolio
    st.markdown(f"**{portfolio.name}**")
    panels.portfolio_form(portfolio)
    st.markdown("**Accounts**")
    panels.accounts(portfolio)

st.markdown("**New portfolio**")
panels.new_portfolio()
if served.portfolios():
    panels.delete_portfolio(portfolio)

st.markdown("**Light or dark**")
st.caption("The menu at the top right, under Settings, follows the system or keeps to one; the browser remembers it.")
