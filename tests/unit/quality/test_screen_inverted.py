"""Rates near one that are told upside down: too near for a leap, and yet on the wrong side."""

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, fetch, known, rate, weekdays

CALM = [1.020, 1.023, 1.021, 1.024] * 10
DAYS = weekdays(44)
NEW = DAYS[40:]


def rated(values, days, **more):
    return [rate(value, date=day, **more) for value, day in zip(values, days, strict=True)]


def turned(*values):
    return [round(1 / value, 4) for value in values]


def held(told, days, *, stored=CALM, source="ecb"):
    """Return what is held of rates that are told after, or beside, those that are stored."""
    before = rated(stored, DAYS[: len(stored)])
    found = screen(fetch(rates=rated(told, days, source=source)), known(rates=before), today=DAY).filter("held")
    return found.select("date", "rule").rows()


def of(*days):
    return [(day, "rate_inverted") for day in days]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([1.022, 1.020, 1.025, 1.021], [], id="as ever"),
        pytest.param(turned(1.022, 1.020, 1.025, 1.021), of(*NEW), id="upside down from now on"),
        pytest.param([1.022, *turned(1.020, 1.025), 1.021], of(*NEW[1:3]), id="upside down for two days"),
        pytest.param([1.012, 1.004, 0.997, 0.985], [], id="through one, step by step"),
        pytest.param([1.003, 1.001, 1.004, 1.002], [], id="a large move that ends elsewhere"),
    ],
)
def test_new_days_after_those_that_are_stored(told, expected):
    assert held(told, NEW) == expected


def test_what_is_found_says_what_it_should_be():
    told = fetch(rates=rated(turned(1.022), NEW[:1]))
    [row] = screen(told, known(rates=rated(CALM, DAYS[:40])), today=DAY).filter("held").to_dicts()
    assert (row["value"], row["expected"]) == ("0.9785", "1.02197")
    assert row["reason"] == f"0.9785 for one euro is 1 over 1.022, after 1.024 on {DAYS[39]}: upside down"


@pytest.mark.parametrize("level", [1.0015, 0.998, 1.02, 1.3])
def test_days_that_are_stored_say_which_side_is_right(level):
    stored = [level + at % 3 / 10_000 for at in range(40)]
    again, days = turned(*stored[-3:], level), DAYS[37:41]
    assert {day for day, _ in held(again, days, stored=stored)} == set(days)
    assert held([*stored[-3:], level], days, stored=stored) == []


def test_another_source_beside_what_is_stored():
    assert of(*NEW[:1]) == [
        row for row in held(turned(*CALM[-3:], 1.021), DAYS[37:41], source="yahoo") if row[0] in NEW
    ]


def test_at_one_both_sides_are_the_same_and_nothing_is_held():
    assert held([1.0001, 0.9999, 1.0002, 0.9998], NEW, stored=[1.0, 1.0002, 0.9999, 1.0001] * 10) == []


def test_of_a_first_fetch_the_longer_side_counts_and_one_side_alone_says_nothing():
    assert held([*CALM[:37], *turned(*CALM[:3])], DAYS[:40], stored=[]) == of(*DAYS[37:40])
    assert held(turned(*CALM), DAYS[:40], stored=[]) == []
