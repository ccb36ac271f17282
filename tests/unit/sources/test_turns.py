"""Who is asked first: whoever was not asked for longest, and in doubt whoever was answered."""

import datetime as dt

import pytest

from pipelines.providers.turns import in_turn
from tests.guards import NOON
from warehouse.ops.providers import Turn

DAY = dt.timedelta(days=1)


def asked(days_ago, failures=0):
    return Turn(asked_at=NOON - days_ago * DAY, failures_in_a_row=failures)


def order(turns, *, stored=(), in_doubt=False, of="ABCD"):
    about = [(name, dict(stored).get(name)) for name in of]
    return "".join(of[place] for place in in_turn(about, turns, in_doubt=in_doubt, now=NOON))


def test_whoever_was_not_asked_for_longest_comes_first():
    assert order({"A": asked(1), "B": asked(3), "C": asked(2), "D": asked(3)}) == "BDCA"


def test_what_nobody_was_asked_comes_before_and_what_is_stored_as_of_its_last_day():
    stored = {"C": (NOON - 2 * DAY).date(), "D": (NOON - 9 * DAY).date()}
    assert order({"A": asked(5)}, stored=stored) == "BDAC"


@pytest.mark.parametrize(("failures", "expected"), [(0, "ABCD"), (1, "BACD"), (2, "BCAD"), (14, "BCDA"), (99, "BCDA")])
def test_each_failure_in_a_row_counts_as_a_day_but_for_no_more_than_two_weeks(failures, expected):
    turns = {"A": asked(15, failures), "B": asked(14.5), "C": asked(13.5), "D": asked(1.5)}
    assert order(turns) == expected


def test_whoever_fails_for_ever_has_a_turn_all_the_same():
    assert order({"A": asked(15, 99), "B": asked(0)}, of="AB") == "AB"


def test_a_provider_in_doubt_is_tried_with_what_it_answered_last_time():
    stored = {"C": (NOON - DAY).date()}
    turns = {"A": asked(30, failures=1), "D": asked(2)}
    assert order(turns, stored=stored, in_doubt=True) == "CDBA"


def test_what_was_asked_by_a_clock_ahead_was_asked_now():
    assert order({"A": asked(-9999), "B": asked(0, failures=1)}, of="BA") == "AB"


def test_it_is_tried_with_what_it_answered_most_lately_for_neighbours_fail_together():
    assert order({name: asked(2 - number / 10) for number, name in enumerate("ABCD")}, in_doubt=True) == "DABC"


def test_where_everything_failed_each_has_its_turn_as_probe():
    turns = {name: asked(days, failures=1) for name, days in zip("ABCD", (1, 3, 2, 4), strict=True)}
    assert order(turns, in_doubt=True) == "DBCA"
