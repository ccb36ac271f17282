"""What the Settings page says of portfolios, accounts and symbols.

Belongs here: names of choices, rows of tables. Does not: layout, storing (`data.statements`).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

import polars as pl

from dashboard.views.columns import Column, Kind
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.portfolio.models import CostMethod
from warehouse.ledger import Account

METHODS = {
    CostMethod.FIFO: "FIFO: the oldest lot first",
    CostMethod.LIFO: "LIFO: the newest lot first",
    CostMethod.HIFO: "HIFO: the dearest lot first",
    CostMethod.AVERAGE: "Average cost",
    CostMethod.SPECIFIC: "Specific lots, as each sale names them",
}
TRACKS = {"As its transactions say": None, "Yes": True, "No: every cash leg is paid in or out": False}
"""Whether an account's cash is kept (CALCULATIONS 1)."""
ACCOUNT_COLUMNS = (
    Column("Account", "account"),
    Column("Currency", "currency", help="Its own; the portfolio's base where none is stated."),
    Column("Cash is kept", "tracks_cash", help="Where nothing is stated, deposits and withdrawals decide."),
    Column("Shorts", "allow_short", help="Whether a sale beyond the holding opens a short."),
)


def accounts(stated: Sequence[Account], base: str) -> pl.DataFrame:
    """Return a row an account, in the order given."""
    tracked = {value: name for name, value in TRACKS.items()}
    rows = [
        (one.account, one.currency or f"{base} (base)", tracked[one.tracks_cash], "Yes" if one.allow_short else "No")
        for one in stated
    ]
    return pl.DataFrame(rows, schema={column.title: pl.String for column in ACCOUNT_COLUMNS}, orient="row")


def as_stored(symbol: str, known: Iterable[str]) -> str:
    """Return a symbol as it was typed, or as it is stored if it is, in any case.

    One that nobody knows is in capitals, as exchanges write it, if it was typed without any.

    >>> as_stored(" ^gspc ", ["^GSPC"]), as_stored("acme", ["ACME", "acme"]), as_stored("msft", []), as_stored("Au", [])
    ('^GSPC', 'acme', 'MSFT', 'Au')
    """
    typed, names = symbol.strip(), list(known)
    if typed in names:
        return typed
    same = next((one for one in names if one.lower() == typed.lower()), None)
    return same or (typed.upper() if typed.islower() else typed)


def unpriced(benchmark: str, day: dt.date) -> str:
    """Return that a benchmark has no price, and what comes of it."""
    return (
        f"The benchmark {verbatim(benchmark)} has no price on or before {formats.day(day)}: nothing is "
        "compared with it. Its prices come with the next run, if a provider knows it by this name."
    )


DESCRIBED = {
    "name": "Name",
    "asset_class": "Class",
    "sector": "Sector",
    "industry": "Industry",
    "country": "Country",
    "region": "Region",
}
"""What can be said of an instrument."""
PRICE_COLUMNS = (
    Column("Day", "date", Kind.DATE),
    Column("Close", "close", Kind.PRICE, "Per unit, as traded then."),
    Column("Currency", "currency"),
)


def prices(stated: pl.DataFrame, symbol: str) -> pl.DataFrame:
    """Return the stated closes of a symbol, the newest first."""
    own = stated.filter(pl.col("symbol") == symbol).sort("date", descending=True)
    return own.select(pl.col(column.field).alias(column.title) for column in PRICE_COLUMNS)


def price(day: dt.date, close: Decimal, currency: str) -> str:
    """Return a stated close in a few words."""
    return f"{formats.price(close, currency)} of {formats.day(day)}"
