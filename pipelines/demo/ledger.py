"""Writing the demo's two portfolios through the ledger's own door.

Belongs here: portfolios, accounts and the bundled transactions. Does not: the market's data.
"""

import datetime as dt
from dataclasses import dataclass

from pipelines.demo import DATA, DEMO_CLOCK
from pipelines.importers.canonical import read_transactions
from warehouse.ledger import Ledger


@dataclass(frozen=True, slots=True)
class DemoPortfolio:
    """A portfolio of the demo: its name, base currency, accounts with their currencies, and its file."""

    name: str
    base_currency: str
    accounts: tuple[tuple[str, str], ...]
    file: str


PORTFOLIOS = (
    DemoPortfolio("Long-term", "EUR", (("Depot", "EUR"), ("Broker USD", "USD")), "long_term.csv"),
    DemoPortfolio("US Growth", "USD", (("Brokerage", "USD"),), "us_growth.csv"),
)
BENCHMARK = "^GSPC"


def write_demo_ledger(ledger: Ledger, *, user: str, now: dt.datetime) -> None:
    """Create the demo's portfolios with their transactions and mark the ledger as the demo's."""
    del now
    own = ledger.for_user(user)
    for demo in PORTFOLIOS:
        portfolio = own.create_portfolio(demo.name, demo.base_currency, benchmark=BENCHMARK)
        for name, currency in demo.accounts:
            own.put_account(portfolio.portfolio_id, name, currency=currency, tracks_cash=True)
        rows = read_transactions(DATA / demo.file, today=DEMO_CLOCK)
        own.add_transactions(portfolio.portfolio_id, rows, source=demo.file)
    ledger.mark("demo")
