"""Two publications of one portfolio, side by side.

Belongs here: reading what each was computed from. Does not: what moved (`pipelines.portfolio.difference`).
"""

from pipelines.asked import market_frames, symbols_of
from pipelines.portfolio.difference import Difference, State, difference
from pipelines.portfolio.frames import LedgerFrames
from pipelines.portfolio.models import CostMethod
from pipelines.portfolio.stated_market import stated_market
from warehouse.errors import NoPortfolioError
from warehouse.reader import Reader
from warehouse.schema import ledger


def compare(reader: Reader, portfolio_id: str, *, before: str, after: str) -> Difference:
    """Return what moved in a portfolio between two publications, and because of what.

    Raises:
        NoPublicationError: If one of them is not kept any more.
        NoPortfolioError: If one of them does not have the portfolio.
    """
    return difference(state_of(reader, portfolio_id, before), state_of(reader, portfolio_id, after))


def state_of(reader: Reader, portfolio_id: str, publication_id: str) -> State:
    """Return everything that a publication's view of a portfolio was computed from."""
    where = {"portfolio_id": [portfolio_id]}
    rows = reader.table(ledger.PORTFOLIOS, where=where, publication_id=publication_id)
    top = reader.section(portfolio_id, "top", publication_id=publication_id)
    if rows.is_empty() or top is None:
        raise NoPortfolioError(portfolio_id, publication_id)
    portfolio = rows.row(0, named=True)
    transactions, accounts, decisions, targets, overrides, prices = (
        reader.table(table, where=where, publication_id=publication_id).drop("portfolio_id")
        for table in (
            ledger.TRANSACTIONS,
            ledger.ACCOUNTS,
            ledger.DIVIDEND_DECISIONS,
            ledger.ALLOCATION_TARGETS,
            ledger.SYMBOL_OVERRIDES,
            ledger.MANUAL_PRICES,
        )
    )
    stated = LedgerFrames(
        transactions=transactions,
        accounts=accounts,
        decisions=decisions,
        targets=targets,
        benchmark=portfolio["benchmark"],
    )
    symbols = symbols_of(transactions, portfolio["benchmark"])
    market = market_frames(reader, symbols, publication_id=publication_id)
    return State(
        ledger=stated,
        market=stated_market(market, overrides, prices, transactions),
        as_of=top[1],
        base_currency=portfolio["base_currency"],
        cost_method=CostMethod(portfolio["cost_method"]),
    )
