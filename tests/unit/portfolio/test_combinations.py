"""Worked cases of combinations: corporate actions in several accounts, gaps, openings, gains within days."""

import pytest
from statements import D, view

from pipelines.portfolio.models import CostMethod


@pytest.mark.parametrize(
    ("action", "of_m", "of_n", "cost"),
    [
        pytest.param("RETURN_OF_CAPITAL A {}", "48", "32", "20", id="8 of the 10 that a unit cost"),
        pytest.param("RETURN_OF_CAPITAL A {}", "72", "48", "0", id="12 of the 10 that a unit cost"),
    ],
)
def test_an_action_in_two_accounts_is_that_of_one_account_with_all_of_it(action, of_m, of_n, cost):
    ledger = f"""
        2020-01-02 BUY A 6 @ 10 account=M
        2020-01-02 BUY A 4 @ 10 account=N
        2020-02-01 {action.format(of_m)} account=M
        2020-02-01 {action.format(of_n)} account=N
    """
    together = f"2020-01-02 BUY A 10 @ 10\n2020-02-01 {action.format(D(of_m) + D(of_n))}"
    shown = view(ledger, "A 2020-01-02 10", as_of="2020-03-02", method=CostMethod.AVERAGE)
    alone = view(together, "A 2020-01-02 10", as_of="2020-03-02", method=CostMethod.AVERAGE)
    assert shown.summary.cost == alone.summary.cost == D(cost)
    assert shown.summary.realized_gain == alone.summary.realized_gain


def test_a_spin_off_in_two_accounts_takes_its_part_of_what_each_cost():
    ledger = """
        2020-01-02 BUY A 6 @ 10 account=M
        2020-01-02 BUY A 4 @ 10 account=N
        2020-02-01 SPINOFF A to_symbol=B ratio_new=1 ratio_old=1 cost_fraction=0.3 account=M
        2020-02-01 SPINOFF A to_symbol=B ratio_new=1 ratio_old=1 cost_fraction=0.3 account=N
    """
    shown = view(ledger, "A 2020-01-02 10\nB 2020-02-01 3", as_of="2020-03-02", method=CostMethod.AVERAGE)
    costs = {}
    for holding in shown.holdings:
        costs[holding.symbol] = costs.get(holding.symbol, 0) + holding.cost_base
    assert costs == {"A": D(70), "B": D(30)}


def test_the_dearest_is_what_costs_most_now():
    ledger = """
        2020-01-02 BUY A 10 @ 20
        2020-01-03 RETURN_OF_CAPITAL A 150
        2020-01-04 BUY A 10 @ 10
        2020-03-01 SELL A 10 @ 9
    """
    shown = view(ledger, "A 2020-01-02 9", as_of="2020-03-02", method=CostMethod.HIFO)
    assert [row.cost_base for row in shown.realized_gains if row.quantity] == [D(100)]  # of 200, 150 came back


def test_the_day_that_closes_a_gap_has_no_return_if_a_flow_in_it_is_not_known():
    ledger = "2020-01-02 BUY A 10 @ 10\n2020-01-04 DELIVERY_IN B 5"
    prices = "A 2020-01-02 10\nA 2020-01-03 11\nA 2020-01-04 11\nA 2020-01-10 11\nB 2020-01-10 20\nA 2020-01-12 11"
    shown = view(ledger, prices, as_of="2020-01-12")
    returns = {row.date.isoformat(): row.day_return for row in shown.performance.daily}
    assert returns["2020-01-03"] == pytest.approx(0.1)
    assert returns["2020-01-10"] is None  # not the five of B that came for nobody knows how much
    assert returns["2020-01-12"] == 0


def test_a_period_begins_with_the_exact_opening():
    ledger = """
        2020-01-02 DEPOSIT 0.00000001 currency=USD account=M
        2020-01-02 DEPOSIT 0.00000001 currency=USD account=N
        2020-02-01 DEPOSIT 1 account=M
    """
    shown = view(ledger, rates="USD/EUR 2020-01-02 0.6", as_of="2020-03-01", since="2020-01-05")
    assert shown.performance.daily[0].value == shown.performance.attribution.initial_value == D("0.00000002")
    whole = next(row for row in shown.performance.periods if row.period == "ITD")
    assert whole.gain == shown.summary.total_gain == 0


def test_a_gain_within_days_has_a_rate_all_the_same():
    shown = view("2020-01-02 BUY A 10 @ 10", "A 2020-01-02 10\nA 2020-01-03 11", as_of="2020-01-03")
    assert shown.summary.xirr == pytest.approx(1.1**365 - 1)


@pytest.mark.parametrize("as_of", ["2024-02-15", "2024-02-20", "2024-03-10", "2024-03-20", "2024-08-10"])
def test_the_return_since_inception_depends_on_no_calendar(as_of):
    ledger = "2024-01-02 DEPOSIT 1000 currency=USD\n2024-02-15 DEPOSIT 100000 currency=USD"
    rates = "USD/EUR 2024-01-02 0.9\nUSD/EUR 2024-01-31 0.95\nUSD/EUR 2024-02-09 0.99\nUSD/EUR 2024-02-15 1"
    shown = view(ledger, as_of=as_of, rates=rates)
    # 900 became 990 before 100,000 came, and both 101,000.
    assert shown.summary.twr == pytest.approx(0.99 / 0.9 * 101000 / 100990 - 1)
    growth = 1.0
    for row in shown.performance.daily:
        growth *= 1 + (row.day_return or 0)
        assert row.growth == pytest.approx(growth)
    january = [row.twr for row in shown.performance.monthly if row.month == 1]
    if as_of != "2024-02-15":
        assert january == [pytest.approx(0.95 / 0.9 - 1)]


@pytest.mark.parametrize("as_of", ["2024-02-20", "2024-03-10", "2024-03-20"])
def test_nor_does_that_of_a_holding(as_of):
    ledger = "2024-01-02 BUY A 10 @ 10 currency=USD\n2024-02-15 BUY A 1000 @ 10 currency=USD"
    rates = "USD/EUR 2024-01-02 0.9\nUSD/EUR 2024-01-31 0.95\nUSD/EUR 2024-02-09 0.99\nUSD/EUR 2024-02-15 1"
    shown = view(ledger, "A 2024-01-02 10 USD\nA 2024-02-15 10 USD", as_of=as_of, rates=rates)
    assert shown.summary.twr == pytest.approx(0.99 / 0.9 * 10100 / 10099 - 1)
    assert shown.holdings[0].twr == pytest.approx(0.99 / 0.9 * 10100 / 10099 - 1)
    assert sum(row.contribution for row in shown.performance.contributions) == pytest.approx(shown.summary.twr)


def test_a_pool_that_a_merger_has_emptied_begins_anew():
    ledger = """
        2020-01-02 BUY A 10 @ 10
        2020-01-03 BUY A 10 @ 20
        2020-01-04 SELL A 5 @ 20
        2020-01-05 MERGER A to_symbol=B ratio_new=1 ratio_old=1
        2020-01-06 BUY A 10 @ 30
        2020-01-07 BUY A 10 @ 40
        2020-01-08 SELL A 5 @ 40
    """
    shown = view(ledger, "A 2020-01-02 10\nB 2020-01-05 10", as_of="2020-01-10", method=CostMethod.AVERAGE)
    assert [row.cost_base for row in shown.realized_gains] == [D(75), D(175)]
    assert {row.symbol: row.cost_base for row in shown.holdings} == {"A": D(525), "B": D(225)}


def test_an_unknown_cost_is_forgotten_with_its_lot():
    ledger = """
        2020-01-02 DELIVERY_IN A 10
        2020-01-03 SELL A 10 @ 20
        2020-01-06 BUY A 10 @ 30
        2020-01-07 BUY A 10 @ 40
        2020-01-08 SELL A 5 @ 40
    """
    shown = view(ledger, "A 2020-01-06 30", as_of="2020-01-10", method=CostMethod.AVERAGE)
    assert [row.cost_base for row in shown.realized_gains] == [None, D(175)]
