"""A view's value by two dimensions: every pair once, and the sums are the document's allocations."""

import pytest
from hypothesis import HealthCheck, given, settings
from statements import D, accounts, view
from strategies import markets, rows
from test_laws import looked_at

from pipelines.portfolio.allocation import DIMENSIONS
from pipelines.portfolio.crossed import crossed

RULES = accounts(("A", "EUR", True, False))


def test_holdings_and_cash_by_two_dimensions():
    shown = view(
        "2020-01-01 DEPOSIT 200\n2020-01-01 BUY ACME 10 @ 10", "ACME 2020-01-01 12", as_of="2020-01-01", rules=RULES
    )
    assert crossed(shown, "account", "symbol").rows() == [("A", "ACME", D(120)), ("A", "Cash", D(100))]
    assert crossed(shown, "sector", "currency").rows() == [("Unknown", "EUR", D(120)), ("Cash", "EUR", D(100))]


def test_a_dimension_that_there_is_not_is_refused():
    shown = view("2020-01-01 BUY ACME 10 @ 10", "ACME 2020-01-01 12", as_of="2020-01-01")
    with pytest.raises(ValueError, match="colour"):
        crossed(shown, "account", "colour")


@pytest.mark.parametrize("dimension", DIMENSIONS)
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(steps=rows(), market=markets())
def test_sums_are_those_of_the_allocation(dimension, steps, market):
    shown = looked_at(steps, market)
    sums = {}
    for outer, _, value in crossed(shown, dimension, "symbol").rows():
        sums[outer] = sums.get(outer, D(0)) + value
    assert {key: value for key, value in sums.items() if value} == {
        row.key: row.value for row in shown.allocations[dimension] if row.value
    }
