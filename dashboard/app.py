"""The frame of every page: configuration, portfolio switcher, navigation.

Belongs here: what all pages share. Does not: any figure.
"""

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import addressed, dialogs, first_look, reading, welcome
from dashboard.chosen import Chosen, choose, say_what_is_gone, say_what_is_not
from dashboard.data import figures, runs, served
from dashboard.live import follow
from dashboard.states import UNREADABLE, guarded, unreadable
from dashboard.views.frame import Badge, badge
from dashboard.views.verbatim import with_commands
from pipelines import formats
from pipelines.portfolio.errors import EngineError
from warehouse.errors import WarehouseError
from warehouse.reader import Publication

ASSETS = Path(__file__).parent / "assets"
LOGO, STYLE = ASSETS / "folioduck.svg", ASSETS / "page.css"
# Pages that have something to say before there is a portfolio.
WITHOUT_PORTFOLIO = {"settings", "sql", "data_health", "research"}
# Pages that help to find out why the ledger cannot be read.
WITHOUT_LEDGER = {"sql", "data_health"}
# Pages whose figures are of a period.
OF_A_PERIOD = {"", "holdings", "performance", "risk", "income"}
# Pages whose figures stand above their tables.
FIGURES_FIRST = {""}
LOOKS: dict[str, tuple[Literal["green", "orange", "red"], str]] = {
    "good": ("green", ":material/check_circle:"),
    "warning": ("orange", ":material/schedule:"),
    "error": ("red", ":material/error:"),
}


def main() -> None:
    """Run the page that is asked for, on the portfolio that is chosen."""
    st.set_page_config(page_title="Folioduck", page_icon=str(LOGO), layout="wide")
    st.logo(LOGO, size="large")
    st.html(STYLE)
    page = st.navigation(
        {
            "Portfolio": [
                st.Page("app_pages/overview.py", title="Overview", icon=":material/monitoring:", default=True),
                st.Page("app_pages/holdings.py", title="Holdings", icon=":material/table_rows:"),
                st.Page("app_pages/performance.py", title="Performance", icon=":material/trending_up:"),
                st.Page("app_pages/risk.py", title="Risk", icon=":material/shield:"),
                st.Page("app_pages/allocation.py", title="Allocation", icon=":material/donut_small:"),
                st.Page("app_pages/income.py", title="Income", icon=":material/payments:"),
            ],
            "Records": [
                st.Page("app_pages/transactions.py", title="Transactions", icon=":material/receipt_long:"),
                st.Page("app_pages/tax.py", title="Tax", icon=":material/request_quote:"),
            ],
            "Market": [
                st.Page("app_pages/research.py", title="Research", icon=":material/query_stats:"),
                st.Page("app_pages/watchlist.py", title="Watchlist", icon=":material/visibility:"),
                st.Page("app_pages/sql.py", title="SQL", icon=":material/database:"),
            ],
            "System": [
                st.Page("app_pages/data_health.py", title="Data health", icon=":material/vital_signs:"),
                st.Page("app_pages/settings.py", title="Settings", icon=":material/settings:"),
            ],
        },
        position="top",
    )
    with guarded():
        _frame(page)


def _frame(page: Page) -> None:
    reading.begin()
    dialogs.begin()
    first_look.begin(bare=page.url_path in FIGURES_FIRST)
    try:
        portfolios = served.portfolios()
    except UNREADABLE as error:
        if page.url_path not in WITHOUT_LEDGER:
            raise
        st.error(unreadable(error), icon=":material/error:")
        addressed.begin()
        page.run()
        return
    if not portfolios:
        addressed.begin()
        say_what_is_gone()
        if page.url_path in WITHOUT_PORTFOLIO:
            page.run()
        else:
            welcome.show()
        return
    frame = st.container(horizontal=True, vertical_alignment="bottom", key="frame")
    addressed.begin()
    with frame:
        looked_at = choose(portfolios, served.today(), has_period=page.url_path in OF_A_PERIOD)
        reading.privacy()
        published = served.newest_publication()
        if published is not None:
            _age(looked_at, published)
    say_what_is_not(looked_at)
    follow(served.Versions.of(published, portfolios), is_whole=served.is_whole(published))
    page.run()


def _age(looked_at: Chosen, published: Publication) -> None:
    """Say how old the figures are."""
    with st.container(width="content", gap=None, key="age"):
        found = _badge(looked_at)
        if found is not None:
            color, icon = LOOKS[found.level]
            st.badge(found.text, icon=icon, color=color, help=with_commands(found.why))
        at = published.published_at
        st.caption(f"Published {formats.day(at.date())}, {at:%H:%M} UTC")


def _badge(looked_at: Chosen) -> Badge | None:
    """Return how old the prices are; a page that shows figures says itself why there are none."""
    try:
        return badge(figures.view(looked_at).view, runs.run_in_vain())
    except (EngineError, WarehouseError):
        return None


main()
