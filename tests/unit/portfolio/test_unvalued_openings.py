"""A period that begins on a day without a value has no return, and says why."""

import pytest

from tests.unit.portfolio.statements import view

LEDGER = "2024-01-02 BUY X 10 @ 10\n2024-01-03 BUY Z 10 @ 10"
PRICES = "X 2024-01-02 10\nX 2024-01-31 11\nX 2024-02-05 11\nZ 2024-02-02 5\nZ 2024-02-05 10\nZ 2024-02-06 11"
ABROAD = "2024-01-02 BUY X 10 @ 10 currency=USD\n2024-01-02 BUY Y 10 @ 10"
CLOSES = (
    "X 2024-01-02 10 USD\nX 2024-01-31 11 USD\nX 2024-02-06 12 USD\nY 2024-01-02 10\nY 2024-01-31 10\nY 2024-02-06 11"
)


@pytest.mark.parametrize(
    ("ledger", "market", "rates"),
    [
        pytest.param(LEDGER, PRICES, "", id="no price"),
        pytest.param(ABROAD, CLOSES, "USD/EUR 2024-02-05 0.9", id="no rate"),
    ],
)
def test_nothing_begins_on_an_opening_without_a_value(ledger, market, rates):
    shown = view(ledger, market, rates=rates, as_of="2024-02-06", since="2024-01-31")
    summary, performance = shown.summary, shown.performance
    assert (summary.twr, summary.twr_before_tax, summary.price_return, summary.xirr, summary.total_gain) == (None,) * 5
    assert [row.twr for row in performance.periods if row.period in {"MTD", "ITD"}] == [None, None]
    assert performance.contributions == []
    assert {one.growth for one in performance.daily} == {None}
    [why] = [warning for warning in shown.warnings if warning.code == "opening_without_value"]
    assert why.message == "what was held at the close of 2024-01-31 has no value there: no return begins on it"


def test_days_after_the_first_one_with_a_value_have_their_returns():
    shown = view(LEDGER, PRICES, as_of="2024-02-06", since="2024-01-31")
    found = {str(one.date): one.day_return for one in shown.performance.daily}
    assert found == {
        "2024-01-31": None,
        "2024-02-02": None,
        "2024-02-05": pytest.approx(210 / 160 - 1),
        "2024-02-06": pytest.approx(220 / 210 - 1),
    }


def test_periods_that_begin_later_have_their_returns():
    shown = view(LEDGER, PRICES, as_of="2024-02-06", since="2024-01-31")
    found = {row.period: row.twr for row in shown.performance.periods}
    assert found["1D"] == pytest.approx(220 / 210 - 1)
    assert found["WTD"] == pytest.approx(220 / 160 - 1)
    assert found["MTD"] is None


def test_a_return_that_spans_a_flow_of_unknown_size_is_not_known_and_later_ones_are():
    ledger = "2024-01-02 BUY X 10 @ 10\n2024-01-04 BUY Y 10 @ 10 currency=USD"
    prices = "X 2024-01-02 10\nX 2024-01-04 11\nX 2024-02-01 11\nX 2024-02-05 12\nX 2024-02-06 13\nY 2024-02-01 10 USD"
    shown = view(ledger, prices, rates="USD/EUR 2024-02-01 1", as_of="2024-02-06")
    found = {row.period: row.twr for row in shown.performance.periods}
    assert (found["ITD"], found["MTD"], shown.summary.twr) == (None, None, None)
    assert found["1D"] == pytest.approx(230 / 220 - 1)
    assert found["WTD"] == pytest.approx(230 / 210 - 1)
    months = {row.month: row.twr for row in shown.performance.monthly}
    assert months == {1: None, 2: None}


def test_a_return_that_spans_an_opening_below_zero_is_not_known_and_later_ones_are():
    ledger = "2024-01-02 DEPOSIT 100\n2024-01-02 BUY X 1 @ 100\n2024-01-03 FEE 150\n2024-01-05 DEPOSIT 500"
    closes = "X 2024-01-02 100\nX 2024-01-04 110\nX 2024-01-31 100\nX 2024-02-05 110\nX 2024-02-06 120"
    shown = view(ledger, closes, as_of="2024-02-06")
    found = {row.period: row.twr for row in shown.performance.periods}
    assert (shown.summary.twr, found["ITD"]) == (None, None)
    assert found["MTD"] == pytest.approx(470 / 450 - 1)
    assert {row.month: row.twr for row in shown.performance.monthly} == {1: None, 2: pytest.approx(470 / 450 - 1)}
