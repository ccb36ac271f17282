"""Writing the demo's two portfolios through the ledger's own door.

Belongs here: portfolios, accounts and the bundled transactions. Does not: the market's data.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

import polars as pl

from pipelines.demo import DATA, DEMO_CLOCK
from pipelines.importers.canonical import read_transactions
from warehouse.ledger import Ledger, LedgerRepository, Portfolio, WrongKindError

BENCHMARK = "^GSPC"
_ENTERED_AT = dt.time(21)
"""UTC: after the close in New York."""


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


def write_demo_ledger(ledger: Ledger, *, user: str) -> None:
    """Mark the ledger as the demo's and give a user its portfolios with their transactions.

    Each transaction is on record from the evening of its day, so that the demo can be looked at as it was known on any.
    What is there already stays as it is, so that a second time changes nothing, and a first one that was cut short
    is finished.

    Args:
        ledger: An empty ledger, or the demo's.
        user: Whose the portfolios become.

    Raises:
        WrongKindError: If the ledger is a person's own; nothing is written.
    """
    if ledger.kind() is None and not ledger.is_empty():
        raise WrongKindError("own", "demo")
    ledger.mark("demo")
    for demo in PORTFOLIOS:
        _write(ledger, user, demo)


def _write(ledger: Ledger, user: str, demo: DemoPortfolio) -> None:
    """Add what is missing of a portfolio; a file's day is known by its hash, even where its rows were changed since."""
    rows, content = read_transactions(DATA / demo.file, today=DEMO_CLOCK), (DATA / demo.file).read_bytes()
    days = rows.sort("date", maintain_order=True).partition_by("date", maintain_order=True)
    first = ledger.dated(_evening(days[0])).for_user(user)
    portfolio_id = _portfolio(first, demo).portfolio_id
    known = {account.account for account in first.accounts(portfolio_id)}
    for name, currency in demo.accounts:
        if name not in known:
            first.put_account(portfolio_id, name, currency=currency, tracks_cash=True)
    for day in days:
        moment = _evening(day)
        sha256 = hashlib.sha256(content + moment.isoformat().encode()).hexdigest()
        own = ledger.dated(moment).for_user(user)
        own.add_transactions(portfolio_id, day, source=demo.file, sha256=sha256)


def _evening(day: pl.DataFrame) -> dt.datetime:
    return dt.datetime.combine(day["date"][0], _ENTERED_AT, tzinfo=dt.UTC)


def _portfolio(repository: LedgerRepository, demo: DemoPortfolio) -> Portfolio:
    for portfolio in repository.portfolios():
        if portfolio.name == demo.name:
            return portfolio
    return repository.create_portfolio(demo.name, demo.base_currency, benchmark=BENCHMARK)
