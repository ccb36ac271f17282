"""Whether a ledger can be booked at all, before anybody stores it.

Belongs here: refusing what the engine would refuse. Does not: figures; no price and no rate is needed.
"""

import datetime as dt

import polars as pl

from pipelines.portfolio.booked import account_rules, market_splits
from pipelines.portfolio.booking.booker import Booker
from pipelines.portfolio.frames import FX_SCHEMA, MarketFrames
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import CostMethod
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.transactions import refuse_unknown_lots, transactions_of


def check_ledger(
    transactions: pl.DataFrame, accounts: pl.DataFrame, splits: pl.DataFrame, *, base: str, method: CostMethod
) -> None:
    """Book every transaction and forget the result.

    Args:
        transactions: ``TRANSACTION_SCHEMA``.
        accounts: ``ACCOUNT_SCHEMA``.
        splits: ``SPLIT_SCHEMA``.
        base: Currency of accounts that state none.
        method: The portfolio's cost method: by specific lots more can be wrong.

    Raises:
        OversoldError: If more is disposed of than is held.
        InvalidTransactionError: If a row lacks what its type needs, or names a lot that is not there.
    """
    rows = transactions_of(transactions)
    if not rows:
        return
    refuse_unknown_lots(rows)
    symbols = {row.symbol for row in rows if row.symbol}
    booker = Booker(
        fx=FxBook(pl.DataFrame(schema=FX_SCHEMA)),
        prices=PriceBook(MarketFrames(), symbols, dt.date.max),
        base=base,
        method=method,
        accounts=account_rules(accounts, rows, base),
        splits=market_splits(splits, symbols, rows[-1].date),
    )
    booker.book(rows)
