"""A price of before a split is worth after it what it was worth before, to the last decimal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.portfolio.explain import explain, faults
from tests.unit.portfolio.statements import D, day, view

ratio = st.tuples(st.integers(1, 20), st.integers(1, 20)).filter(lambda pair: pair[0] != pair[1])


@pytest.mark.parametrize(
    ("units", "price", "ratios"),
    [
        pytest.param(3_000_000, "0.01", "X 2024-01-05 7:1", id="a seventh of a cent"),
        pytest.param(1_000_000, "100", "X 2024-01-05 7:3", id="three sevenths"),
        pytest.param(3_000_000, "0.01", "X 2024-01-04 7:1\nX 2024-01-05 1:7", id="there and back"),
    ],
)
def test_a_split_without_a_price_of_its_day_changes_no_value(units, price, ratios):
    shown = view(f"2024-01-02 BUY X {units} @ {price}", f"X 2024-01-02 {price}", as_of="2024-01-05", ratios=ratios)
    worth = units * D(price)
    assert shown.holdings[0].value_base == worth
    assert shown.summary.total_gain == 0
    assert [one.value for one in shown.performance.daily][-1] == worth
    assert shown.summary.twr == 0


@given(st.integers(1, 10**7), st.integers(1, 10**6), st.lists(ratio, min_size=1, max_size=3))
def test_no_chain_of_splits_changes_a_value(units, cents, pairs):
    ratios = "\n".join(f"X 2024-01-{at:02} {new}:{old}" for at, (new, old) in enumerate(pairs, start=3))
    price = D(cents).scaleb(-2)
    shown = view(f"2024-01-02 BUY X {units} @ {price}", f"X 2024-01-02 {price}", as_of="2024-01-09", ratios=ratios)
    # Units are shown, and valued, to the tenth decimal.
    lost = D("1e-8") + shown.holdings[0].price * D("1e-10")
    assert abs(shown.holdings[0].value_base - units * price) <= lost
    assert abs(shown.performance.daily[-1].value - units * price) <= lost


def test_what_is_delivered_or_moved_is_worth_the_same():
    ledger = "2024-01-02 BUY X 3000000 @ 0.01\n2024-01-06 TRANSFER X 21000000 to_account=B"
    shown = view(ledger, "X 2024-01-02 0.01", as_of="2024-01-06", ratios="X 2024-01-05 7:1", account="B")
    assert shown.performance.daily[-1].flow_in == 30_000


def test_a_benchmark_is_worth_the_same():
    shown = view(
        "2024-01-02 BUY ACME 3000000 @ 100",
        "ACME 2024-01-02 100\nACME 2024-01-05 100\nX 2024-01-02 0.01",
        as_of="2024-01-05",
        ratios="X 2024-01-05 7:1",
        benchmark="X",
    )
    assert (shown.benchmark.value, shown.benchmark.gain) == (300_000_000, 0)


def test_the_price_says_which_close_it_was_and_by_which_splits():
    shown = view("2024-01-02 BUY X 21 @ 0.01", "X 2024-01-02 0.01", as_of="2024-01-05", ratios="X 2024-01-05 7:1")
    [held] = shown.holdings
    assert (held.price, held.price_traded, held.shares_then) == (D("0.00142857"), D("0.01"), D("0.1428571429"))
    tree = explain(shown, "holdings.X.value_base")
    price = tree.parts[1]
    assert [part.value for part in price.parts] == [D("0.01"), D("0.1428571429")]
    assert [part.source for part in price.parts] == ["price_history X 2024-01-02", "split_history X after 2024-01-02"]
    assert price.source is None
    assert faults(tree) == []


def test_a_price_since_the_split_is_that_price():
    [held] = view(
        "2024-01-02 BUY X 21 @ 7", "X 2024-01-02 7\nX 2024-01-05 1", as_of="2024-01-05", ratios="X 2024-01-05 7:1"
    ).holdings
    assert (held.quantity, held.price, held.price_traded, held.shares_then) == (147, 1, None, None)
    assert held.price_date == day("2024-01-05")


def test_what_a_reverse_split_leaves_below_the_last_decimal_is_no_lot():
    ledger = "2024-01-02 BUY X 0.0000000003 @ 1\n2024-01-03 BUY X 10 @ 1\n2024-01-04 SPLIT X ratio_new=1 ratio_old=10"
    [held] = view(ledger, "X 2024-01-04 10", as_of="2024-01-04").holdings
    assert (held.quantity, [lot.quantity for lot in held.lots]) == (1, [1])
