"""What crosses the border of a view: cash that is kept or is not, deliveries, and the returns on it."""

import pytest
from statements import accounts, view


def test_a_conversion_where_no_cash_is_kept_costs_what_it_costs():
    shown = view(
        "2020-01-01 FX_CONVERSION 100 to_amount=90 to_currency=USD fee=1",
        as_of="2020-01-02",
        rates="EUR/USD 2020-01-01 1",
    )
    assert (shown.summary.total_gain, shown.summary.fees, shown.summary.cash_fx_gain) == (-11, 1, -10)
    assert shown.summary.net_invested == 11


def test_what_is_paid_into_an_account_without_cash_is_spent_elsewhere():
    without = accounts(("A", "EUR", False, False), ("B", "EUR", False, False))
    prices = "ACME 2020-01-02 100\nACME 2020-01-03 110"
    for row in ("DEPOSIT 1000", "WITHDRAWAL 1000", "TRANSFER 1000 to_account=B"):
        shown = view(f"2020-01-02 BUY ACME 1 @ 100\n2020-01-03 {row}", prices, as_of="2020-01-03", rules=without)
        assert (shown.summary.twr, shown.performance.daily[-1].flow_in) == (pytest.approx(0.1), 0)
    moved = "2020-01-02 BUY ACME 1 @ 100\n2020-01-03 TRANSFER 1000 to_account=B"
    assert view(moved, prices, as_of="2020-01-03", rules=without, account="A").summary.twr == pytest.approx(0.1)


def test_what_is_sold_to_buy_another_is_no_flow_without_tracked_cash():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-02-01 SELL ACME 10 @ 12\n2020-02-01 BUY BOLT 12 @ 10"
    prices = "ACME 2020-01-01 10\nACME 2020-02-01 12\nBOLT 2020-02-01 10"
    [first, second] = view(ledger, prices, as_of="2020-02-01").performance.daily
    assert (first.flow_in, second.flow_in, second.flow_out) == (100, 0, 0)
    assert second.day_return == pytest.approx(0.2)


def test_tracked_cash_makes_only_deposits_flows():
    ledger = "2020-01-01 DEPOSIT 1000\n2020-01-01 BUY ACME 10 @ 10 fee=1\n2020-01-02 DIVIDEND ACME 5 tax=1"
    shown = view(ledger, "ACME 2020-01-01 10\nACME 2020-01-02 10", as_of="2020-01-02")
    assert (shown.summary.cash, shown.summary.value, shown.summary.net_invested) == (903, 1003, 1000)
    assert (shown.summary.income, shown.summary.fees, shown.summary.taxes) == (5, 1, 1)
    assert shown.summary.total_gain == 3


def test_cash_in_another_currency_gains_with_its_rate():
    ledger = "2020-01-01 DEPOSIT 100 currency=USD"
    shown = view(ledger, as_of="2020-02-01", rates="USD/EUR 2020-01-01 0.5\nUSD/EUR 2020-02-01 0.6")
    assert (shown.summary.value, shown.summary.cash_fx_gain, shown.summary.total_gain) == (60, 10, 10)


def test_a_conversion_keeps_both_balances():
    ledger = "2020-01-01 DEPOSIT 100\n2020-01-01 FX_CONVERSION 50 to_amount=60 to_currency=USD fee=1"
    shown = view(ledger, as_of="2020-01-01", rates="USD/EUR 2020-01-01 0.8")
    assert (shown.summary.cash, shown.summary.fees, shown.summary.cash_fx_gain) == (97, 1, -2)


def test_a_delivery_without_an_amount_comes_at_the_days_close():
    shown = view("2020-01-02 DELIVERY_IN ACME 10", "ACME 2020-01-01 7\nACME 2020-01-02 8", as_of="2020-01-02")
    assert (shown.summary.cost, shown.summary.net_invested) == (80, 80)


def test_a_delivery_without_an_amount_and_a_close_of_its_day_has_no_worth():
    shown = view("2020-01-03 DELIVERY_IN ACME 7", "ACME 2020-01-02 50\nACME 2020-01-08 55", as_of="2020-01-08")
    assert (shown.holdings[0].cost_base, shown.summary.net_invested, shown.summary.total_gain) == (None, None, None)
    assert shown.summary.value == 385
    said = next(warning for warning in shown.warnings if warning.code == "delivery_value_missing")
    assert said.data["date"] == "2020-01-03"


def test_day_change_leaves_out_what_was_paid_in():
    ledger = "2020-01-01 DEPOSIT 100\n2020-01-01 BUY ACME 10 @ 10\n2020-01-02 DEPOSIT 50"
    shown = view(ledger, "ACME 2020-01-01 10\nACME 2020-01-02 11", as_of="2020-01-02")
    assert (shown.summary.day_change, shown.summary.day_return) == (10, pytest.approx(10 / 150))


def test_a_negative_opening_and_an_unknown_benchmark_are_said():
    ledger = "2020-01-01 DEPOSIT 10\n2020-01-01 BUY ACME 10 @ 10"
    market = "ACME 2020-01-01 10\nACME 2020-01-02 5\nACME 2020-01-03 5"
    shown = view(ledger, market, as_of="2020-01-03", benchmark="NOPE")
    assert {"negative_opening", "benchmark_unknown"} <= {warning.code for warning in shown.warnings}
    assert shown.summary.twr is None


def test_an_opening_of_zero_that_a_flow_has_made_is_said_and_one_of_nothing_is_not():
    ledger = "2020-01-01 DEPOSIT 10\n2020-01-02 FEE 60\n2020-01-03 DEPOSIT 50\n2020-01-05 DEPOSIT 10"
    shown = view(ledger, as_of="2020-01-06")
    found = {warning.code: warning.data for warning in shown.warnings}
    assert found["opening_of_zero"] == {"first": "2020-01-03", "days": 1}
    assert "opening_of_zero" not in {
        warning.code for warning in view("2020-01-01 DEPOSIT 10", as_of="2020-01-06").warnings
    }


SHORT = accounts(("S", "EUR", False, True))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param("", id="nothing after it"),
        pytest.param("\n2020-01-12 FEE 3 account=S", id="a fee after it"),
    ],
)
@pytest.mark.parametrize("prices", ["", "ACME 2020-01-05 11"], ids=["no price", "a price in between"])
def test_a_covered_short_without_a_price_has_no_time_weighted_return(prices, later):
    ledger = f"2020-01-02 SELL ACME 10 @ 10 account=S\n2020-01-10 BUY ACME 10 @ 12 account=S{later}"
    shown = view(ledger, prices, as_of="2020-02-01", rules=SHORT)
    assert (shown.summary.twr, shown.summary.twr_before_tax) == (None, None)
    assert {period.twr for period in shown.performance.periods if period.period == "ITD"} == {None}
    assert "negative_opening" in {warning.code for warning in shown.warnings}
    assert shown.summary.total_gain == (-23 if later else -20)
