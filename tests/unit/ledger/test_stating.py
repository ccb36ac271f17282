"""A change is taken only if the engine can book what it leaves."""

from decimal import Decimal

import polars as pl
import pytest

from pipelines.portfolio.errors import OversoldError
from pipelines.portfolio.frames import SPLIT_SCHEMA
from pipelines.stating import held_to_booking


@pytest.fixture
def held(mine):
    return held_to_booking(mine, pl.DataFrame(schema=SPLIT_SCHEMA))


@pytest.fixture
def key(mine, portfolio, bought):
    sale = {"type": "SELL", "quantity": Decimal(8), "amount": Decimal(40)}
    mine.add_transactions(portfolio.portfolio_id, bought({}, sale), source="x")
    return portfolio.portfolio_id


def test_what_would_sell_more_than_is_held_is_refused_and_changes_nothing(mine, held, key, bought):
    purchase = mine.transactions(key)["transaction_id"][0]
    before = mine.portfolio(key)
    for change in (
        lambda: held.delete_transaction(key, purchase),
        lambda: held.update_transaction(key, purchase, {"quantity": Decimal(7), "amount": Decimal(35)}),
        lambda: held.add_transactions(key, bought({"type": "SELL", "quantity": Decimal(3)}), source="form"),
        lambda: held.update_transaction(key, purchase, {"symbol": "BOLT"}),
    ):
        with pytest.raises(OversoldError):
            change()
    assert mine.portfolio(key) == before


def test_an_account_that_is_short_stays_allowed_to_be(held, key, bought):
    held.put_account(key, "Depot", allow_short=True)
    held.add_transactions(key, bought({"type": "SELL", "quantity": Decimal(3)}), source="form")
    with pytest.raises(OversoldError):
        held.put_account(key, "Depot", allow_short=False)


def test_who_mends_a_broken_ledger_is_not_hindered(mine, held, key, bought):
    oversold = bought(*[{"type": "SELL", "quantity": Decimal(5)}] * 2)
    mine.add_transactions(key, oversold, source="broken")
    *_, third, fourth = mine.transactions(key)["transaction_id"]
    held.delete_transaction(key, fourth)  # still broken, and less so
    held.delete_transaction(key, third)
    with pytest.raises(OversoldError):
        held.add_transactions(key, oversold, source="again")
