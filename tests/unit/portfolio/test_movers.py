"""What each holding did on the last day: worked cases, and the law that they are gains since the day before."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from statements import accounts, view
from strategies import markets, rows
from test_laws import looked_at

RULES = accounts(("A", "EUR", True, False))
TWO = "ACME 2020-01-01 10\nBOLT 2020-01-01 10\nACME 2020-01-02 12\nBOLT 2020-01-02 9"


def moved(shown):
    return [(row.symbol, row.change_base, row.day_return) for row in shown.performance.movers]


def test_the_largest_gain_comes_first():
    shown = view(
        "2020-01-01 DEPOSIT 200\n2020-01-01 BUY BOLT 10 @ 10\n2020-01-01 BUY ACME 10 @ 10", TWO, as_of="2020-01-02"
    )
    assert moved(shown) == [("ACME", Decimal(20), 0.2), ("BOLT", Decimal(-10), -0.1)]
    assert shown.summary.day_change == Decimal(10)


def test_what_was_bought_that_day_is_no_gain():
    text = "2020-01-01 DEPOSIT 200\n2020-01-01 BUY ACME 10 @ 10\n2020-01-02 BUY ACME 5 @ 11"
    shown = view(text, TWO, as_of="2020-01-02", rules=RULES)
    row = shown.performance.movers[0]
    assert (row.opening_base, row.flow_in_base, row.change_base) == (Decimal(100), Decimal(55), Decimal(25))


def test_what_was_sold_that_day_still_moved():
    text = "2020-01-01 DEPOSIT 200\n2020-01-01 BUY ACME 10 @ 10\n2020-01-02 SELL ACME 10 @ 11"
    assert moved(view(text, TWO, as_of="2020-01-02", rules=RULES)) == [("ACME", Decimal(10), 0.1)]


def test_days_apart_are_no_day():
    shown = view("2020-01-01 BUY ACME 10 @ 10", "ACME 2020-01-01 10\nACME 2020-03-01 12", as_of="2020-03-01")
    assert moved(shown) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(steps=rows(), market=markets())
def test_a_change_is_the_gain_of_a_view_since_the_day_before(steps, market):
    shown = looked_at(steps, market)
    found = {(row.symbol, row.account): row.change_base for row in shown.performance.movers}
    if found:
        before = shown.performance.daily[-2].date
        whole = looked_at(steps, market, since=before)
        gains = {(row.symbol, row.account): row.total_gain_base for row in whole.holdings}
        assert {key: gains.get(key) for key in found} == found
