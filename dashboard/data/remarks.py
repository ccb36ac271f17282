"""What is to be known of symbols and accounts that are being stated, from what is stored already.

Belongs here: looking it up; no provider is asked. Does not: wording (`views.remarks`).
"""

from collections.abc import Iterable

import polars as pl

from dashboard.data.served import newest_publication, own_ledger, reader
from dashboard.data.statements import instruments
from dashboard.views.remarks import Unpriced
from warehouse.ledger import Portfolio
from warehouse.schema.ledger import TRANSACTIONS
from warehouse.schema.market import PRICE_HISTORY, SYMBOLS


def unpriced(portfolio: Portfolio, symbols: Iterable[str]) -> Unpriced:
    """Return which symbols have no price of any day, neither fetched nor stated."""
    stated = set(instruments(portfolio).prices["symbol"])
    left = sorted(set(symbols) - stated)
    published = newest_publication()
    if not left or published is None:
        return Unpriced(unasked=left, in_vain=[])
    rows = reader().table(SYMBOLS, where={"symbol": left}, publication_id=published.id)
    quoted = set(rows.filter(pl.col("last_price").is_not_null())["symbol"])
    left = [symbol for symbol in left if symbol not in quoted]
    closes = reader().table(PRICE_HISTORY, where={"symbol": left}, publication_id=published.id) if left else None
    left = [symbol for symbol in left if closes is not None and symbol not in set(closes["symbol"])]
    # What the published ledger names, a run has asked for before.
    asked = set()
    for name in ("symbol", "to_symbol") if left else ():
        asked |= set(reader().table(TRANSACTIONS, where={name: left}, publication_id=published.id)[name])
    return Unpriced(
        unasked=[symbol for symbol in left if symbol not in asked],
        in_vain=[symbol for symbol in left if symbol in asked],
    )


def accounts(portfolio: Portfolio) -> list[str]:
    """Return the accounts of a portfolio, by name."""
    return [account.account for account in own_ledger().accounts(portfolio.portfolio_id)]
