"""Closes that Yahoo tells anew, falsely or rightly, night after night."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.integration.market.nights import DAYS, NIGHT
from warehouse.schema import market

D = Decimal
OLDEST = NIGHT - 5  # the first session of the week that the next night asks for


def told(acme):
    return acme.asked.start


def test_a_false_close_of_one_night_on_the_oldest_day_asked_for_changes_nothing(acme, said):
    """On the night after, its day has left the week that is asked for, and is asked for all the same."""
    day, right = DAYS[OLDEST + 1], said.traded[DAYS[OLDEST + 1]]
    said.traded[day] = right * 1.35
    held = acme.night().held
    assert held.select("key", "rule").rows() == [(f"ACME {day}", "corrected_far")]
    said.traded[day] = right
    for _ in range(3):
        acme.night()
        assert acme.closes()[day] == D(str(right))
    assert (acme.states(), acme.revisions()) == ({"corrected_far": "resolved"}, 0)


def test_a_small_revision_that_is_taken_back_days_later_is_put_right(acme, said):
    day, right = DAYS[OLDEST + 1], said.traded[DAYS[OLDEST + 1]]
    said.traded[day] = right * 1.005
    for _ in range(3):
        acme.night()
        assert acme.closes()[day] == D(str(round(right * 1.005, 6)))
    assert told(acme) == day
    said.traded[day] = right
    acme.night()
    assert acme.closes()[day] == D(str(right))
    old = acme.stored(market.revisions_of(market.PRICE_HISTORY)).sort("known_from")["close"].to_list()
    assert old == [D(str(right)), D(str(round(right * 1.005, 6)))]


def test_what_was_told_anew_is_asked_for_during_two_weeks(acme, said):
    day = DAYS[NIGHT - 1]
    said.traded[day] *= 1.005
    acme.night()
    for _ in range(9):
        acme.night()
    assert told(acme) == day
    acme.night(said.last + dt.timedelta(days=7))
    acme.night()
    assert told(acme) > day


def test_several_closes_that_were_told_anew_one_a_night_all_return_in_one(acme, said):
    days = DAYS[OLDEST + 2 : OLDEST + 6]
    right = {day: said.traded[day] for day in days}
    for day in days:
        said.traded[day] *= 1.005
        acme.night()
    assert all(acme.closes()[day] != D(str(close)) for day, close in right.items())
    said.traded |= right
    assert acme.night().held.is_empty()
    assert {day: acme.closes()[day] for day in days} == {day: D(str(close)) for day, close in right.items()}


@pytest.mark.parametrize("nights", [1, 2])
def test_a_true_correction_enters_on_the_second_night(acme, said, nights):
    day = DAYS[NIGHT - 2]
    first, said.traded[day] = said.traded[day], 125.5
    for _ in range(nights):
        acme.night()
    assert acme.closes()[day] == D("125.5" if nights == 2 else str(first))
    assert acme.states() == {"corrected_far": "open" if nights == 1 else "resolved"}


def test_a_new_close_that_was_false_is_mended_when_the_next_day_has_come(acme, said):
    day = DAYS[NIGHT + 1]
    right, said.traded[day] = said.traded[day], 95.0
    acme.night()
    assert acme.closes()[day] == 95
    said.traded[day] = right
    assert acme.night().held.is_empty()
    assert acme.closes()[day] == D(str(right))


@pytest.mark.parametrize("days", [1, 2])
def test_a_new_close_that_goes_on_from_a_stored_one_told_falsely_waits_with_it(acme, said, days):
    new, right = DAYS[NIGHT + 1], dict(said.traded)
    stored = DAYS[NIGHT + 1 - days : NIGHT + 1]
    for day in (*stored, new):
        said.traded[day] *= 1.3
    assert set(acme.night().held["key"]) == {*(f"ACME {day}" for day in (*stored, new)), "ACME"}
    assert new not in acme.closes()
    said.traded = right
    assert acme.night().held.is_empty()
    assert acme.closes() == {day: D(str(right[day])) for day in DAYS[: NIGHT + 3]}
    assert set(acme.states().values()) == {"resolved"}


def test_who_says_the_same_the_night_after_has_it_and_the_days_since_believed(acme, said):
    for day in DAYS[NIGHT:]:
        said.traded[day] *= 1.3
    acme.night()
    assert acme.night().held.is_empty()
    assert acme.closes() == {day: D(str(round(said.traded[day], 6))) for day in DAYS[: NIGHT + 3]}


def test_a_new_close_beside_a_false_one_that_goes_on_as_stored_enters(acme, said):
    said.traded[DAYS[NIGHT]] *= 1.3
    assert acme.night().held["key"].to_list() == [f"ACME {DAYS[NIGHT]}"]
    assert acme.closes()[DAYS[NIGHT + 1]] == D(str(said.traded[DAYS[NIGHT + 1]]))
