"""What an owner says of an instrument goes before what providers say, in their own portfolio alone."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.explain import explain
from pipelines.portfolio.frames import PRICE_SCHEMA, LedgerFrames, MarketFrames
from pipelines.portfolio.stated_market import stated_market
from warehouse.schema import ledger

MONDAY, TUESDAY = dt.date(2024, 1, 1), dt.date(2024, 1, 2)
OVERRIDES = {n: kind for n, kind in ledger.SYMBOL_OVERRIDES.polars_schema.items() if n != "portfolio_id"}


@pytest.fixture
def market():
    prices = [("ACME", MONDAY, Decimal(10), "EUR"), ("ACME", TUESDAY, Decimal(12), "EUR")]
    master = pl.DataFrame({"symbol": ["ACME"], "currency": ["EUR"], "name": ["Acme plc"], "sector": ["Tools"]})
    return MarketFrames(prices=pl.DataFrame(prices, schema=PRICE_SCHEMA, orient="row"), symbols=master)


@pytest.fixture
def transactions():
    rows = {"transaction_id": ["1", "2"], "date": [MONDAY] * 2, "type": ["BUY"] * 2, "account": ["Depot"] * 2}
    rows |= {"symbol": ["ACME", "HOUSE"], "quantity": [Decimal(1)] * 2, "amount": [Decimal(10), Decimal(100)]}
    return pl.DataFrame(rows | {"currency": ["EUR"] * 2})


def stated_prices(*rows):
    return pl.DataFrame(rows, schema=PRICE_SCHEMA, orient="row")


def said(**values):
    return pl.DataFrame([dict.fromkeys(OVERRIDES) | values], schema=OVERRIDES)


NO_PRICES, NOTHING_SAID = stated_prices(), pl.DataFrame(schema=OVERRIDES)


def view(market, transactions):
    return complete_view(LedgerFrames(transactions=transactions), market, as_of=TUESDAY, base_currency="EUR")


def test_a_stated_close_takes_the_place_of_its_day_and_prices_what_nobody_quotes(market, transactions):
    prices = stated_prices(("ACME", TUESDAY, Decimal(15), "EUR"), ("HOUSE", MONDAY, Decimal(90), "EUR"))
    shown = view(stated_market(market, NOTHING_SAID, prices, transactions), transactions)
    assert {row.symbol: row.value_base for row in shown.holdings} == {"ACME": 15, "HOUSE": 90}
    assert shown.completeness.is_complete
    assert view(market, transactions).summary.value == 12  # HOUSE has no price there


def test_a_stated_close_says_that_it_is_one(market, transactions):
    prices = stated_prices(("ACME", MONDAY, Decimal(9), "EUR"), ("HOUSE", MONDAY, Decimal(90), "EUR"))
    ledger = LedgerFrames(transactions=transactions, prices=prices)
    laid = stated_market(market, NOTHING_SAID, prices, transactions)
    shown = complete_view(ledger, laid, as_of=TUESDAY, base_currency="EUR")
    assert shown.provenance.stated_closes == {"ACME": MONDAY, "HOUSE": MONDAY}
    assert explain(shown, "holdings.HOUSE.price").source == f"manual_prices HOUSE {MONDAY}"
    assert explain(shown, "holdings.ACME.price").source == f"price_history ACME {TUESDAY}"


def test_what_is_said_counts_and_what_is_not_said_is_the_masters(market, transactions):
    found = stated_market(market, said(symbol="ACME", sector="Anvils"), NO_PRICES, transactions).symbols
    assert found.select("symbol", "name", "sector", "currency").rows() == [("ACME", "Acme plc", "Anvils", "EUR")]


def test_what_the_master_lacks_can_be_described_too(market, transactions):
    shown = view(stated_market(market, said(symbol="HOUSE", name="My house"), NO_PRICES, transactions), transactions)
    assert {row.symbol: row.name for row in shown.holdings} == {"ACME": "Acme plc", "HOUSE": "My house"}


def test_what_has_no_currency_anywhere_is_left_alone(market, transactions):
    found = stated_market(market, said(symbol="GHOST", name="Nobody"), NO_PRICES, transactions)
    assert found.symbols["symbol"].to_list() == ["ACME"]


def test_nothing_stated_changes_nothing(market, transactions):
    assert stated_market(market, NOTHING_SAID, NO_PRICES, transactions) is market
