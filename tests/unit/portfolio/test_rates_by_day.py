"""The money-weighted return by day is what the headline figure was, looked at from each day."""

import pytest

from pipelines.portfolio.rates_by_day import money_weighted_by_day
from tests.unit.portfolio.statements import view

LEDGER = "2022-01-03 BUY X 10 @ 10\n2022-06-01 BUY X 5 @ 12\n2022-11-01 SELL X 3 @ 14"
PRICES = "X 2022-01-03 10\nX 2022-04-01 11\nX 2022-06-01 12\nX 2022-09-01 9\nX 2022-11-01 14\nX 2023-02-01 15"


@pytest.mark.parametrize("since", [None, "2022-04-01"], ids=["of everything", "of a period"])
def test_it_is_the_figure_of_each_day(since):
    shown = view(LEDGER, PRICES, as_of="2023-02-01", since=since)
    days = shown.performance.daily.column("date")
    found = money_weighted_by_day(shown, range(len(days)))
    field = "xirr" if shown.summary.spans_a_year else "money_weighted"
    assert found[-1] == pytest.approx(getattr(shown.summary, field))
    for day, rate in zip(days[-3:], found[-3:], strict=True):
        then = view(LEDGER, PRICES, as_of=str(day), since=since)
        assert rate == pytest.approx(getattr(then.summary, field))


def test_a_rate_of_a_year_says_nothing_of_the_first_half_year():
    shown = view(LEDGER, PRICES, as_of="2023-02-01")
    assert [rate is None for rate in money_weighted_by_day(shown, range(6))] == [True, True, True, False, False, False]


def test_a_day_without_a_value_has_none():
    shown = view(LEDGER + "\n2022-11-15 BUY Y 1 @ 5", PRICES, as_of="2023-02-01")
    assert money_weighted_by_day(shown, range(len(shown.performance.daily)))[-2:] == [None, None]


def test_after_a_flow_or_an_opening_that_is_not_known_there_is_none():
    ledger = "2024-01-02 BUY X 10 @ 10\n2024-02-01 BUY X 10 @ 10 currency=USD"
    closes = "X 2024-01-02 10\nX 2024-01-31 11\nX 2024-02-02 12"
    unknown = view(ledger, closes, as_of="2024-02-02")
    assert unknown.summary.xirr is None
    rates = money_weighted_by_day(unknown, range(len(unknown.performance.daily)))
    assert (rates[1] is None, rates[-1]) == (False, None)
    unvalued = view(
        "2024-01-02 BUY X 10 @ 10\n2024-01-02 BUY Z 1 @ 9",
        closes + "\nZ 2024-02-02 9",
        as_of="2024-02-02",
        since="2024-01-31",
    )
    assert set(money_weighted_by_day(unvalued, range(len(unvalued.performance.daily)))) == {None}
