"""What people state beside transactions: portfolios and accounts.

Belongs here: reading and changing them, held to what the engine can book. Does not: transactions (`records`), making
the first portfolio (`served`).
"""

from dashboard.data.records import held_own
from dashboard.data.served import own_ledger
from warehouse.ledger import Account, NotFoundError, Portfolio


def accounts(portfolio: Portfolio) -> list[Account]:
    """Return the accounts of a portfolio, by name."""
    return own_ledger().accounts(portfolio.portfolio_id)


def change_portfolio(seen: Portfolio, **changes: str | None) -> None:
    """Change what is said of a portfolio, unless it says otherwise by now than was seen.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If a value is refused, or somebody else has changed it meanwhile.
    """
    held_own().update_portfolio(seen.portfolio_id, seen=seen, **changes)


def delete_portfolio(portfolio: Portfolio) -> None:
    """Delete a portfolio with all that is in it.

    Raises:
        NotFoundError: If it is gone already.
    """
    own_ledger().delete_portfolio(portfolio.portfolio_id)


def put_account(
    portfolio: Portfolio,
    name: str,
    *,
    seen: Account | None,
    currency: str | None,
    tracks_cash: bool | None,
    allow_short: bool,
) -> None:
    """Make an account, or change the one that was seen.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If a value is refused, or somebody else has changed it meanwhile.
    """
    held_own().put_account(
        portfolio.portfolio_id,
        name,
        currency=currency,
        tracks_cash=tracks_cash,
        allow_short=allow_short,
        seen=seen,
    )


def current(portfolio: Portfolio) -> Portfolio | None:
    """Return a portfolio as it is now, None where it is gone."""
    try:
        return own_ledger().portfolio(portfolio.portfolio_id)
    except NotFoundError:
        return None
