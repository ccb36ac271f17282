"""Stored days that a provider tells anew: a correction goes on, another series does not."""

import datetime as dt

import polars as pl
import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, fetch, known, price, split, symbol, weekdays

EVE = weekdays(2)[0]
WEEK = (100, 101, 102, 103, 104)
STORED = weekdays(5, until=EVE)
LAST = [(day, "retold") for day in STORED]
FAR = [(day, "corrected_far") for day in STORED]


def found(*told, stored=WEEK, source="yahoo", revised=(), **more):
    """Return what is found of days that are told anew beside what is stored, the last of them new."""
    before = closes(*stored, until=EVE, volume=1000)
    return screen(
        fetch(prices=closes(*told, until=DAY, volume=1000, source=source)),
        known(prices=before, symbols=[symbol(**more)], revised=revised),
        today=DAY,
    )


def held(*told, **more):
    return found(*told, **more).filter("held").select("date", "rule").rows()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param((100, 101, 102, 103, 104, 105), [], id="as it is stored"),
        pytest.param((100, 101, 102, 103, 108, 105), [], id="one day corrected"),
        pytest.param((100, 105, 102, 103, 108, 105), [], id="two days corrected"),
        pytest.param((100, 101, 102, 103, 110, 105), [FAR[4]], id="one day corrected by far"),
        pytest.param((94, 108, 102, 103, 104, 105), FAR[:2], id="two days, the first of the week among them"),
        pytest.param((100.05, 101.06, 102.04, 103.07, 104.05, 105), [], id="rounded otherwise"),
        pytest.param((100.3, 100.6, 102.5, 103, 104, 105), LAST[:3], id="three days of five, a little off"),
        pytest.param(
            (90, 95, 89, 99, 91, 93),
            [*((day, "another_series") for day in STORED), (DAY, "another_series")],
            id="all days, by factors of their own",
        ),
    ],
)
def test_a_week_that_is_told_anew(told, expected):
    assert held(*told) == expected


def test_what_is_found_says_by_how_much_and_what_is_stored():
    row = found(90, 95, 89, 99, 91, 93).row(0, named=True)
    assert (row["value"], row["expected"]) == ("90", "100")
    assert row["reason"] == "5 of 5 stored days are told anew, by -12.7% to -3.88%: as of another instrument"
    small = found(100.3, 100.6, 102.5, 103, 104, 105).row(0, named=True)
    assert (
        small["reason"] == "3 of 5 stored days are told anew, by -0.396% to 0.49%: more than a few are no corrections"
    )


def test_one_ratio_is_a_restatement_and_no_row_is_found_twice():
    assert {rule for _, rule in held(50, 50.5, 51, 51.5, 52, 52.5)} == {"restated"}


def test_a_ratio_too_small_for_a_split_is_seen():
    assert {rule for _, rule in held(*(value * 0.995 for value in (*WEEK, 105)))} == {"retold"}


def test_corrections_here_and_there_go_on_however_many_days_are_told():
    stored = [100 + day % 3 for day in range(40)]
    told = [value * (1.02 if day % 10 == 0 else 1) for day, value in enumerate(stored)]
    assert held(*told, 100, stored=stored) == []


def test_a_week_long_ago_says_nothing_of_today():
    stored = [100 + day % 3 for day in range(40)]
    told = [value * (0.9 + day / 100 if day < 5 else 1) for day, value in enumerate(stored)]
    assert {rule for _, rule in held(*told, 100, stored=stored)} == {"retold"}


def test_two_stored_days_that_both_differ_are_another_instrument():
    assert held(90, 97, 95, stored=(100, 101)) == [(day, "another_series") for day in weekdays(3)]
    assert held(99.6, 101.5, 102, stored=(100, 101)) == []


@pytest.mark.parametrize(
    ("told", "rules"),
    [
        pytest.param((100.4, 100.6, 102.3, 102.6, 104.4, 105), set(), id="as providers are apart"),
        pytest.param((102, 99, 104, 101, 104.4, 105), {"another_series", "providers_disagree"}, id="farther apart"),
        pytest.param((50, 50.5, 51, 51.5, 52, 52.5), {"restated", "providers_disagree"}, id="in other units"),
    ],
)
def test_another_provider_is_another_series_only_where_it_is_farther_apart_than_they_are(told, rules):
    assert {rule for _, rule in held(*told, source="alphavantage")} == rules


def test_what_a_person_has_stated_is_no_measure():
    own = closes(*WEEK, until=EVE, source="inbox")
    told = fetch(prices=closes(90, 95, 89, 99, 91, 93))
    of = screen(told, known(prices=own, symbols=[symbol()]), today=DAY)
    assert set(of.filter("held")["rule"]) & {"retold", "another_series"} == set()


def test_what_trades_around_the_clock_has_other_closes_with_each_provider():
    assert held(98, 103, 100, 105, 102, 103, asset_class="Crypto", source="alphavantage") == []


def test_cheap_shares_are_told_to_the_tick():
    assert held(0.051, 0.050, 0.052, 0.051, 0.05, 0.05, stored=(0.0505, 0.0505, 0.0515, 0.0505, 0.0505)) == []


def test_a_day_that_is_new_alone_is_compared_with_nothing():
    told = fetch(prices=[price(close=105, date=DAY)])
    assert screen(told, known(prices=closes(*WEEK, until=EVE)), today=DAY).filter("held").is_empty()


def test_a_far_correction_says_what_it_waits_for():
    row = found(100, 101, 102, 103, 140, 105).row(0, named=True)
    assert (row["value"], row["expected"]) == ("140", "104")
    assert row["reason"] == "close 140 of a day that is stored with 104, 34.6% off: it waits until it is told again on a later day"  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "told", "expected"),
    [
        pytest.param((100, 101, 80, 103, 104), (100, 101, 102, 103, 104, 105), [], id="between its neighbours"),
        pytest.param((100, 101, 102, 103, 80), (100, 101, 102, 103, 104, 105), [], id="beside a day that is new"),
        pytest.param((100, 101, 102, 103, 80), (100, 101, 102, 103, 104), [FAR[4]], id="nothing since"),
        pytest.param((100, 101, 102, 80, 81), (100, 101, 102, 103, 81, 82), [FAR[3]], id="a fall that stayed"),
        pytest.param((80, 101, 102, 103, 104), (100, 101, 102, 103, 104, 105), [FAR[0]], id="nothing before"),
    ],
)
def test_a_correction_that_puts_a_close_back_among_its_neighbours_goes_on_at_once(stored, told, expected):
    """Of the days since a fall, the stored ones are as believable as what is told of one of them."""
    until = EVE if len(told) == len(stored) else DAY
    fetched, before = closes(*told, until=until, volume=1000), closes(*stored, until=EVE, volume=1000)
    of = screen(fetch(prices=fetched), known(prices=before, symbols=[symbol()]), today=DAY)
    assert of.filter("held", pl.col("rule") != "jump").select("date", "rule").rows() == expected


FIRST = closes(*WEEK, until=EVE)


@pytest.mark.parametrize(
    ("now", "told", "expected"),
    [
        pytest.param((100, 101, 102, 103, 140), (*WEEK, 105), set(), id="one, by far"),
        pytest.param((100.3, 101.4, 102.5, 103.6, 104.7), (*WEEK, 105), set(), id="a week of them"),
        pytest.param((100, 101, 102, 103, 120), (*WEEK[:4], 140, 105), {"corrected_far"}, id="to something else"),
        pytest.param((100.3, 101.4, 102.5, 103, 104), (100.9, 101.9, 102.9, 103, 104, 105), {"retold"}, id="and again"),
    ],
)
def test_what_is_told_again_as_it_was_first_stored_is_no_news(now, told, expected):
    assert {rule for _, rule in held(*told, stored=now, revised=FIRST)} == expected


def test_what_was_stored_between_is_not_what_was_stored_first():
    early, late = (dt.datetime(2024, 3, number, tzinfo=dt.UTC) for number in (11, 12))
    revised = [FIRST[4] | {"known_from": early}, FIRST[4] | {"close": 140, "known_from": late}]
    assert held(100, 101, 102, 103, 140, 105, revised=revised) == [FAR[4]]


@pytest.mark.parametrize(
    ("told", "splits", "expected"),
    [
        pytest.param((100, 101, 102, 103, 52, 52.5), [split(2, 1, ex_date=STORED[4])], [], id="by the split"),
        pytest.param((100, 101, 102, 103, 70, 52.5), [split(2, 1, ex_date=STORED[4])], [FAR[4]], id="by another ratio"),
        pytest.param((100, 101, 92.7, 103, 104, 95.5), [split(11, 10)], [FAR[2]], id="of a day before it"),
    ],
)
def test_a_close_that_was_stored_in_the_units_of_before_a_split_comes_right_with_it(told, splits, expected):
    """Or else who holds it would have twice the units at the price of before."""
    fetched = fetch(prices=closes(*told, volume=1000), splits=splits)
    stored = known(prices=closes(*WEEK, until=EVE, volume=1000), symbols=[symbol()])
    of = screen(fetched, stored, today=DAY)
    assert of.filter("held", rule="corrected_far").select("date", "rule").rows() == expected
    assert of.filter("held", table_name="split_history").is_empty()
