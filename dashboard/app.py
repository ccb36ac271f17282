"""The frame of every page: configuration, portfolio switcher, navigation.

Belongs here: what all pages share. Does not: any figure.
"""

from pathlib import Path

import streamlit as st

from dashboard import formats
from dashboard.chosen import choose
from dashboard.data import served
from dashboard.states import guarded

LOGO = Path(__file__).parent / "assets" / "folioduck.svg"


def main() -> None:
    """Run the page that is asked for, on the portfolio that is chosen."""
    st.set_page_config(page_title="Folioduck", page_icon=str(LOGO), layout="wide")
    st.logo(LOGO, size="large")
    page = st.navigation(
        {
            "Portfolio": [
                st.Page("app_pages/overview.py", title="Overview", icon=":material/monitoring:", default=True),
                st.Page("app_pages/holdings.py", title="Holdings", icon=":material/table_rows:"),
                st.Page("app_pages/performance.py", title="Performance", icon=":material/trending_up:"),
                st.Page("app_pages/risk.py", title="Risk", icon=":material/shield:"),
                st.Page("app_pages/allocation.py", title="Allocation", icon=":material/donut_small:"),
            ],
            "Records": [
                st.Page("app_pages/tax.py", title="Tax", icon=":material/request_quote:"),
            ],
        },
        position="top",
    )
    with guarded():
        portfolios = served.portfolios()
        if not portfolios:
            st.info(
                "No portfolio yet. Create one with `folio init`, then add transactions with `folio import FILE`.",
                icon=":material/info:",
            )
            st.stop()
        published = served.publication()
        with st.container(horizontal=True, vertical_alignment="bottom", key="frame"):
            choose(portfolios, served.today())
            st.caption(f"Published {formats.day(published.published_at.date())}, {published.published_at:%H:%M} UTC")
        page.run()


main()
