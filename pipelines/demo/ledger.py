"""Writing the demo's two portfolios through the ledger's own door.

Belongs here: portfolios, accounts and the bundled transactions. Does not: the market's data.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from pipelines.demo import DATA, DEMO_CLOCK
from pipelines.importers.canonical import read_transactions
from warehouse.ledger import Ledger, LedgerRepository, Portfolio, WrongKindError

BENCHMARK = "^GSPC"


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


def write_demo_ledger(ledger: Ledger, *, user: str, now: dt.datetime) -> None:
    """Mark the ledger as the demo's and give a user its portfolios with their transactions.

    What is there already stays as it is, so that a second time changes nothing, and a first one that was cut short
    is finished.

    Args:
        ledger: An empty ledger, or the demo's.
        user: Whose the portfolios become.
        now: Not used: the ledger dates what is written by its own clock.

    Raises:
        WrongKindError: If the ledger is a person's own; nothing is written.
    """
    del now
    if ledger.kind() is None and not ledger.is_empty():
        raise WrongKindError("own", "demo")
    ledger.mark("demo")
    repository = ledger.for_user(user)
    for demo in PORTFOLIOS:
        _write(repository, demo)


def _write(repository: LedgerRepository, demo: DemoPortfolio) -> None:
    """Add what is missing of a portfolio; a file is known by its hash, even where its rows were changed since."""
    portfolio_id = _portfolio(repository, demo).portfolio_id
    known = {account.account for account in repository.accounts(portfolio_id)}
    for name, currency in demo.accounts:
        if name not in known:
            repository.put_account(portfolio_id, name, currency=currency, tracks_cash=True)
    content = (DATA / demo.file).read_bytes()
    rows = read_transactions(DATA / demo.file, today=DEMO_CLOCK)
    repository.add_transactions(portfolio_id, rows, source=demo.file, sha256=hashlib.sha256(content).hexdigest())


def _portfolio(repository: LedgerRepository, demo: DemoPortfolio) -> Portfolio:
    for portfolio in repository.portfolios():
        if portfolio.name == demo.name:
            return portfolio
    return repository.create_portfolio(demo.name, demo.base_currency, benchmark=BENCHMARK)
