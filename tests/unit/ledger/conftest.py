"""A ledger of its own for every test, with a clock that the test holds."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest

from warehouse.ledger import Ledger, LedgerRepository, Portfolio
from warehouse.ledger.frames import ROWS

NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def ledger(url) -> Ledger:
    return Ledger.open(url, now=lambda: NOON)


@pytest.fixture
def mine(ledger) -> LedgerRepository:
    return ledger.for_user("me")


@pytest.fixture
def portfolio(mine) -> Portfolio:
    return mine.create_portfolio("Savings", "EUR")


@pytest.fixture
def bought() -> Callable[..., pl.DataFrame]:
    """Return rows that are to be added, of purchases of 10 ACME at 5 unless said otherwise."""

    def rows(*changes: dict[str, object]) -> pl.DataFrame:
        usual = {
            "date": dt.date(2024, 1, 2),
            "type": "BUY",
            "account": "Depot",
            "symbol": "ACME",
            "quantity": Decimal(10),
            "price": Decimal(5),
            "amount": Decimal(50),
            "fee": Decimal(1),
            "tax": Decimal(0),
            "currency": "EUR",
        }
        return pl.DataFrame(
            [dict.fromkeys(ROWS.names) | usual | change for change in changes], schema=ROWS.polars_schema
        )

    return rows
