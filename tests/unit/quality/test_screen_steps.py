"""Steps that the market did not make are found and its own are not: hundredfold, splits, jumps."""

import datetime as dt

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, fetch, known, price, split, symbol, weekdays

CALM = [100 + day % 3 for day in range(40)]
BEFORE = weekdays(4)[0]
"""Stored up to here; three days are new."""


def held(*new, splits=(), **more):
    """Return rule, value and expected value of the rows held of three or more new days after forty calm, stored ones."""
    stored = closes(*CALM, until=BEFORE, **more)
    findings = screen(
        fetch(prices=closes(*new, until=DAY, **more), splits=splits),
        known(prices=stored, symbols=[symbol()]),
        today=DAY,
    )
    return findings.filter("held").select("rule", "value", "expected").rows()


def at_once(*values, splits=(), **more):
    """Return date and rule of the rows held of a first load."""
    findings = screen(fetch(prices=closes(*values, **more), splits=splits), known(), today=DAY)
    return findings.filter("held").select("date", "rule").rows()


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param((101, 102, 101), [], id="a calm week"),
        pytest.param((10100, 102, 101), [("hundredfold", "10100", "101")], id="pence for a day"),
        pytest.param((101, 1.02, 101), [("hundredfold", "1.02", "102")], id="pounds for a day"),
        pytest.param(
            (101, 10200, 10100), [("hundredfold", "10200", "102"), ("hundredfold", "10100", "101")], id="from then on"
        ),
        pytest.param((101, 102, 143), [("jump", "143", "102")], id="40 % up, and nobody knows the volume"),
        pytest.param((101, 102, 142), [], id="not quite 40 % up"),
        pytest.param((101, 161, 101), [("jump", "161", "101")], id="60 % up for a day"),
        pytest.param((101, 102, 51), [("untold_split", "51", "102")], id="half"),
        pytest.param((101, 102, 204), [("untold_split", "204", "102")], id="twice"),
        pytest.param((101, 102, 71), [], id="30 % down, after all"),
    ],
)
def test_prices_after_what_is_stored(new, expected):
    assert held(*new) == expected


@pytest.mark.parametrize(
    ("times", "days", "expected"),
    [
        pytest.param(2, 3, {("untold_split", True)}, id="twice as high, after a weekend"),
        pytest.param(2, 21, {("untold_split", True)}, id="twice as high, after three weeks"),
        pytest.param(2, 301, set(), id="twice as high, after most of a year"),
        pytest.param(10, 30, {("untold_split", True)}, id="ten times as high, after a month"),
        pytest.param(100, 301, {("hundredfold", True)}, id="a hundred times as high: no market does that"),
    ],
)
def test_older_days_before_a_hole_in_what_is_stored(times, days, expected):
    stored = closes(*CALM)
    new = closes(*[day / times for day in CALM], until=stored[0]["date"] - dt.timedelta(days))
    found = screen(fetch(prices=new), known(prices=stored), today=DAY)
    assert set(found.select("rule", "held").rows()) == expected


def test_a_jump_over_a_long_hole_is_a_remark():
    stored = closes(*CALM, until=DAY - dt.timedelta(301))
    found = screen(fetch(prices=[price(close=50)]), known(prices=stored), today=DAY).filter(rule="jump")
    assert found.select("held", "reason").rows() == [
        (False, "close 50 is 0.5 times that of 100 on 2023-05-17, the price before, 301 days earlier")
    ]


def test_a_jump_that_was_traded_is_a_remark():
    stored = closes(*CALM, until=BEFORE, volume=1000)
    new = closes(101, 102, until=weekdays(2)[0], volume=1000)
    jumped = price(close=160, volume=9000)
    findings = screen(fetch(prices=[*new, jumped]), known(prices=stored), today=DAY)
    assert findings.select("rule", "held").rows() == [("jump", False)]
    assert findings["reason"][0] == (
        "close 160 is 1.569 times that of 102 on 2024-03-12, at 9 times the usual turnover: a jump that was traded"
    )
    quiet = screen(fetch(prices=[*new, jumped | {"volume": 900}]), known(prices=stored), today=DAY)
    assert quiet.select("rule", "held").rows() == [("jump", True)]


def test_a_fall_within_the_day_was_traded_through():
    fallen = price(open=102, high=103, low=50, close=51)
    stored = known(prices=closes(*CALM, until=BEFORE))
    assert screen(fetch(prices=[fallen]), stored, today=DAY)["held"].to_list() == [False]
    opened_there = fallen | {"open": 50, "high": 52}
    assert screen(fetch(prices=[opened_there]), stored, today=DAY)["held"].to_list() == [True]


def test_a_restless_series_may_jump():
    restless = [100 * 1.1 ** (day % 2) for day in range(40)]
    assert screen(fetch(prices=closes(*restless, 150)), known(), today=DAY).filter("held").is_empty()


def test_the_smallest_coins_do_not_jump():
    assert at_once(*[0.0002] * 20, 0.0003, 0.0001, 0.0002) == []


@pytest.mark.parametrize("name", ["open", "high", "low"])
def test_one_price_of_a_bar_in_pence_is_found(name):
    bar = {"open": 10, "high": 10.2, "low": 9.9, "close": 10.1}
    mixed = screen(fetch(prices=[price(**bar | {name: 1000})]), known(), today=DAY).filter(rule="hundredfold")
    assert mixed.select("column", "value", "expected", "held").rows() == [(name, "1000", "10", True)]
    assert screen(fetch(prices=[price(**bar)]), known(), today=DAY).is_empty()


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        pytest.param([100] * 10 + [101] * 5, 0, id="restated for its split"),
        pytest.param([200] * 10 + [101] * 5, 10, id="not restated at all"),
        pytest.param([200] * 4 + [100] * 6 + [101] * 5, 4, id="restated in part"),
        pytest.param([100] * 4 + [200] + [100] * 5 + [101] * 5, 1, id="one day not restated"),
    ],
)
def test_prices_before_a_split_are_in_its_units(values, wrong):
    days = weekdays(15)
    # Undoing a split doubles what is before it, whether the provider had halved that or not.
    traded = [value * (2 if day < days[10] else 1) for value, day in zip(values, days, strict=True)]
    found = at_once(*traded, splits=[split(2, 1, ex_date=days[10])])
    assert len(found) == wrong
    assert {rule for _, rule in found} <= {"split_not_undone"}


def test_a_step_like_a_split_long_ago_is_the_market_if_it_was_traded():
    rows = [price(close=100 if back > 200 else 200, date=DAY - dt.timedelta(back), volume=1000) for back in range(500)]
    rows = [row | {"volume": 9000} if row["date"] == DAY - dt.timedelta(200) else row for row in rows]
    long_ago = split(2, 1, ex_date=DAY - dt.timedelta(450))
    before = [row | {"close": 2 * row["close"]} if row["date"] < long_ago["ex_date"] else row for row in rows]
    findings = screen(fetch(prices=before, splits=[long_ago]), known(), today=DAY)
    assert findings.select("rule", "held").rows() == [("jump", False)]


def test_a_close_in_pence_is_found_and_the_rest_of_its_bar_is_not():
    bar = {"open": 101, "high": 103, "low": 100}
    of = screen(fetch(prices=[price(close=10200, **bar)]), known(prices=closes(*CALM, until=weekdays(2)[0])), today=DAY)
    assert of.filter(rule="hundredfold").select("column", "value", "expected").rows() == [("close", "10200", "102")]


def test_the_order_of_rows_does_not_matter():
    stored, new = closes(*CALM, until=BEFORE), closes(101, 10200, 51)
    one = screen(fetch(prices=new), known(prices=stored), today=DAY)
    other = screen(fetch(prices=new[::-1]), known(prices=stored[1::2] + stored[::2]), today=DAY)
    assert one.height == 2
    assert other.equals(one)


def test_findings_are_the_same_in_another_currency_at_a_fixed_rate():
    stored, new = closes(*CALM, until=BEFORE), closes(101, 10200, 51)
    thirds = [[row | {"close": round(row["close"] / 3, 8)} for row in rows] for rows in (stored, new)]
    one = screen(fetch(prices=new), known(prices=stored), today=DAY)
    other = screen(fetch(prices=thirds[1]), known(prices=thirds[0]), today=DAY)
    assert other.select("date", "rule", "held").rows() == one.select("date", "rule", "held").rows()
