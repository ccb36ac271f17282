"""Series restated for a split, and changed currencies, beside what is stored."""

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, fetch, known, price, split, symbol, weekdays

CALM = [100 + day % 3 for day in range(40)]
NEW = weekdays(3)
STORED = closes(*CALM, until=weekdays(4)[0])
WEEK = STORED[-5:]


def times(rows, factor):
    return [row | {"close": row["close"] * factor} for row in rows]


def findings(prices, splits=(), stored=STORED, known_splits=()):
    stored = known(prices=stored, symbols=[symbol()], splits=known_splits)
    return screen(fetch(prices=prices, splits=splits), stored, today=DAY)


def held(prices, splits=(), **more):
    of = findings(prices, splits, **more).filter("held")
    return of.select("table_name", "date", "rule").rows()


def test_a_split_that_came_with_its_prices_is_none():
    assert held(WEEK + closes(101, 102, 51), [split(2, 1)]) == []


def test_a_split_announced_late_holds_the_days_since():
    late = closes(101, 50, 51)
    assert held(WEEK + late) == [("price_history", day, "untold_split") for day in NEW[1:]]
    assert held(WEEK + late, [split(2, 1, ex_date=NEW[1])]) == []


def test_what_was_released_is_not_held_again():
    late = closes(101, 50, 51)
    assert held(late, stored=STORED + late[:2]) == []


def test_a_series_restated_before_its_split_is_told_is_held():
    of = findings(times(WEEK + closes(101, 102, 101), 0.5)).filter("held")
    assert of["rule"].unique().to_list() == ["restated"]
    assert of.height == 8
    assert of.select("value", "expected").row(-1) == ("50.5", "101")
    assert "all 5 days that are stored are now told 0.5 times as high" in of["reason"][0]
    assert of["reason"][0].endswith("as for a split of 2 new for one that nobody tells")


def test_a_split_told_before_its_prices_are_restated_is_held_with_the_days_before_it():
    # The provider tells 100 on, and undoing the split has made 200 of it.
    rows = [*times(WEEK + closes(101, 102, until=NEW[1]), 2), price(close=51)]
    of = findings(rows, [split(2, 1)])
    assert of["rule"].unique().to_list() == ["restated"]
    assert of["date"].max() == NEW[1]
    assert "split on 2024-03-13 is not in the prices before it" in of["reason"][0]


@pytest.mark.parametrize(
    "corrected",
    [
        pytest.param(100.5, id="by half a percent"),
        pytest.param(104, id="one day of several by four"),
    ],
)
def test_a_correction_is_for_revisions(corrected):
    assert held([WEEK[0] | {"close": corrected}, *WEEK[1:], *closes(101, 102, 101)]) == []


def test_a_changed_currency_is_named_with_the_one_it_was():
    of = findings([price(close=101, currency="EUR")])
    assert of.select("rule", "value", "expected", "held").rows() == [("currency_changed", "EUR", "USD", True)]
    assert of["reason"][0] == "close 101 in EUR, but prices of A are in USD"
    assert findings([price(close=101, currency="EUR")], stored=[]).height == 1
