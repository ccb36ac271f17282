"""What each holding contributed to the return: worked cases and the law that they sum to it (CALCULATIONS 5)."""

import pytest
from hypothesis import HealthCheck, given, settings
from statements import accounts, day, view
from strategies import markets, rows
from test_laws import looked_at

RULES = accounts(("A", "EUR", True, False))


def parts(shown):
    return {row.symbol: row.contribution for row in shown.performance.contributions}


def test_two_halves_of_a_portfolio():
    shown = view(
        "2020-01-01 DEPOSIT 200\n2020-01-01 BUY ACME 10 @ 10\n2020-01-01 BUY BOLT 10 @ 10",
        "ACME 2020-01-01 10\nBOLT 2020-01-01 10\nACME 2020-01-02 12\nBOLT 2020-01-02 9",
        as_of="2020-01-02",
        rules=RULES,
    )
    assert parts(shown) == pytest.approx({"ACME": 0.1, "BOLT": -0.05, None: 0.0})


def test_where_the_return_is_not_known_neither_are_its_parts():
    shown = view(
        "2020-01-01 BUY ACME 10 @ 10\n2020-01-03 BUY NOBODY 5 @ 10",
        "ACME 2020-01-01 10\nACME 2020-01-02 11\nACME 2020-01-03 12",
        as_of="2020-01-03",
    )
    assert (shown.summary.twr, shown.performance.contributions) == (None, [])


def test_a_later_gain_adds_to_what_has_grown():
    shown = view(
        "2020-01-01 BUY ACME 10 @ 10\n2020-01-01 BUY BOLT 10 @ 10",
        "ACME 2020-01-01 10\nBOLT 2020-01-01 10\nACME 2020-01-02 20\nBOLT 2020-01-03 20\nACME 2020-01-03 20",
        as_of="2020-01-03",
    )
    assert shown.summary.twr == pytest.approx(1.0)
    assert parts(shown)["ACME"] == pytest.approx(0.5)
    assert parts(shown)["BOLT"] == pytest.approx(0.5)


def test_what_no_holding_made_is_a_row_of_its_own():
    shown = view("2020-01-01 DEPOSIT 100\n2020-01-02 INTEREST 5", "ACME 2020-01-01 1", as_of="2020-01-02", rules=RULES)
    assert parts(shown) == pytest.approx({None: 0.05})


def test_what_was_sold_still_counts():
    shown = view(
        "2020-01-01 DEPOSIT 100\n2020-01-01 BUY ACME 10 @ 10\n2020-01-02 SELL ACME 10 @ 11",
        "ACME 2020-01-01 10\nACME 2020-01-02 11\nACME 2020-01-03 50",
        as_of="2020-01-03",
        rules=RULES,
    )
    assert parts(shown) == pytest.approx({"ACME": 0.1, None: 0.0})


@pytest.mark.parametrize("since", [None, "2020-01-20"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(steps=rows(), market=markets())
def test_contributions_sum_to_the_return(since, steps, market):
    shown = looked_at(steps, market, since=day(since) if since else None)
    found = [row.contribution for row in shown.performance.contributions]
    if shown.summary.twr is None:
        assert found == [] or None in found
    elif None not in found:
        scale = sum(abs(part) for part in found) + 1
        assert abs(sum(found) - shown.summary.twr) <= 1e-9 * scale
