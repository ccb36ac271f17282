"""A return that is null says why (CALCULATIONS 10)."""

import pytest
from statements import accounts, view

BOUGHT = "2020-01-02 BUY ACME 10 @ 10"
MARKET = "ACME 2020-01-02 10\nACME 2020-02-01 11"


def codes(shown):
    return {warning.code for warning in shown.warnings}


@pytest.mark.parametrize(
    ("benchmark", "rates", "code", "date"),
    [
        ("SPX 2020-01-03 100 EUR", "", "benchmark_price_missing", "2020-01-02"),
        ("SPX 2020-01-01 100 USD", "USD/EUR 2020-01-10 0.9", "benchmark_fx_missing", "2020-01-02"),
    ],
)
def test_a_benchmark_that_cannot_be_bought_on_the_first_day_says_so(benchmark, rates, code, date):
    shown = view(BOUGHT, f"{MARKET}\n{benchmark}", as_of="2020-02-01", benchmark="SPX", rates=rates)
    assert shown.benchmark is None
    assert [warning.data for warning in shown.warnings if warning.code == code] == [{"symbol": "SPX", "date": date}]


def test_a_benchmark_with_every_price_says_nothing():
    shown = view(BOUGHT, f"{MARKET}\nSPX 2020-01-01 100", as_of="2020-02-01", benchmark="SPX")
    assert (shown.benchmark is not None, shown.warnings) == (True, [])


def test_a_holding_that_was_bought_before_its_first_price_says_why_it_has_no_return():
    shown = view(BOUGHT, "ACME 2020-01-10 11", as_of="2020-02-01")
    assert (shown.holdings[0].twr, shown.holdings[0].value_base) == (None, 110)
    [warning] = [warning for warning in shown.warnings if warning.code == "twr_before_first_price"]
    assert warning.data == {"symbol": "ACME", "account": "A", "date": "2020-01-02"}


def test_a_holding_that_was_bought_before_its_first_rate_says_why_it_has_no_return():
    bought = f"{BOUGHT} currency=USD fx_rate=0.9"
    shown = view(bought, "ACME 2020-01-02 10 USD", as_of="2020-02-01", rates="USD/EUR 2020-01-10 0.9")
    assert shown.holdings[0].twr is None
    assert "twr_before_first_rate" in codes(shown)


def test_a_short_that_was_covered_says_why_it_has_no_return():
    rules = accounts(("A", "EUR", None, True))
    ledger = "2020-01-02 SELL ACME 10 @ 10\n2020-01-20 BUY ACME 10 @ 11"
    market = f"{MARKET}\nACME 2020-01-10 10"
    shown = view(ledger, market, as_of="2020-02-01", rules=rules, include_closed=True)
    assert shown.holdings[0].twr is None
    assert "twr_while_short" in codes(shown)


def test_a_holding_that_was_never_worth_anything_says_why_it_has_no_return():
    shown = view("2020-01-02 BUY ACME 10 @ 0", "ACME 2020-01-02 0", as_of="2020-02-01")
    assert shown.holdings[0].twr is None
    assert "twr_without_value" in codes(shown)


def test_more_taken_out_than_put_in_has_no_simple_return_and_says_so():
    ledger = "2020-01-02 BUY ACME 10 @ 10\n2020-01-03 SELL ACME 5 @ 100"
    shown = view(ledger, "ACME 2020-01-02 10\nACME 2020-01-03 100\nACME 2020-02-01 100", as_of="2020-02-01")
    assert shown.summary.simple_return is None
    assert "simple_return_without_capital" in codes(shown)


def test_nothing_is_said_where_nothing_is_missing():
    assert view(BOUGHT, MARKET, as_of="2020-02-01").warnings == []


def test_without_history_no_return_is_missing():
    assert view(BOUGHT, "ACME 2020-01-10 11", as_of="2020-02-01", include_history=False).warnings == []
