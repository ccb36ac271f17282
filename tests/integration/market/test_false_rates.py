"""Rates that the ECB tells anew, falsely or rightly, night after night."""

import pytest

from pipelines.sources.ecb import EcbSource
from tests.integration.market.nights import DAYS, NIGHT
from tests.integration.market.rate_nights import Bank, Rates
from tests.replay import ReplayServer
from warehouse.build import attach_candidate
from warehouse.schema import market

OLDEST = DAYS[NIGHT - 5]  # the first day of the week that the next night asks for, and the last to do so


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def rates(bank, settings):
    """Return the rates after their first night: a month is stored."""
    settings.home.mkdir(parents=True)
    with ReplayServer(archive=bank) as server:
        taken = Rates(settings, bank, EcbSource(base_url=server.url, timeout=5))
        taken.at(bank.last)
        assert taken.unlike_bank() == []
        assert taken.stored(market.FX_HISTORY).height == 3 * (NIGHT + 1)
        yield taken
        attach_candidate(settings, "rates").drop()


def false_for_a_night(rates, bank, factor, *days):
    """Return what is held back of a night that tells days falsely; it is taken back after that night."""
    right = dict(bank.rates)
    for day in days:
        bank.says("USD", day, factor)
    held = rates.night().held
    bank.rates = right
    return held.select("key", "rule").rows()


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(1.35, ["rate_leaps"]), (1.14, ["corrected_far"]), (0.98, ["corrected_far"]), (1.005, [])],
)
def test_a_false_rate_of_one_night_is_gone_after_the_next(rates, bank, factor, expected):
    """On the night after, its day has left the week that is asked for, and is asked for all the same."""
    right = rates.rate("USD", OLDEST)
    held = false_for_a_night(rates, bank, factor, OLDEST)
    assert held == [(f"USD {OLDEST}", rule) for rule in expected]
    assert (rates.rate("USD", OLDEST) == right) is bool(expected)
    rates.night()
    assert rates.start == OLDEST
    assert rates.unlike_bank() == []
    assert set(rates.states().values()) <= {"resolved"}


def test_a_week_that_is_told_falsely_for_a_night_changes_no_stored_day(rates, bank):
    week = DAYS[NIGHT - 5 : NIGHT + 1]
    before = [rates.rate("USD", day) for day in week]
    assert len(false_for_a_night(rates, bank, 1.04, *week)) == len(week)
    assert [rates.rate("USD", day) for day in week] == before
    assert rates.night().held.is_empty()
    assert rates.unlike_bank() == []


def test_what_was_told_anew_is_asked_for_during_two_weeks(rates, bank):
    false_for_a_night(rates, bank, 1.005, OLDEST)
    bank.says("USD", OLDEST, 1.005)
    for _ in range(9):
        rates.night()
    assert rates.start == OLDEST
    for _ in range(3):
        rates.night()
    assert rates.start > OLDEST


@pytest.mark.parametrize("nights", [1, 2])
def test_a_true_correction_enters_on_the_second_night(rates, bank, nights):
    first = rates.rate("USD", OLDEST)
    bank.says("USD", OLDEST, 1.08)
    for _ in range(nights):
        rates.night()
    assert (rates.rate("USD", OLDEST) == first) is (nights == 1)
    assert rates.states() == {"corrected_far": "open" if nights == 1 else "resolved"}


def test_a_false_correction_that_was_told_twice_returns_at_once_when_it_is_taken_back(rates, bank):
    days, right = DAYS[NIGHT - 5 : NIGHT], dict(bank.rates)
    for day in days:
        bank.says("USD", day, 1.04)
    rates.night()
    rates.night()
    assert rates.unlike_bank() == []
    bank.rates = right
    assert rates.night().held.is_empty()
    assert rates.unlike_bank() == []


def test_a_new_rate_that_was_false_is_mended_when_the_next_day_has_come(rates, bank):
    day = DAYS[NIGHT + 1]
    assert false_for_a_night(rates, bank, 1.03, day) == []
    assert rates.night().held.is_empty()
    assert rates.unlike_bank() == []


@pytest.mark.parametrize("days", [1, 2, 4])
@pytest.mark.parametrize("factor", [1.04, 1.3])
def test_a_new_rate_that_goes_on_from_stored_ones_told_falsely_waits_with_them(rates, bank, factor, days):
    told = DAYS[NIGHT + 1 - days : NIGHT + 2]
    held = false_for_a_night(rates, bank, factor, *told)
    assert {key for key, _ in held} == {f"USD {day}" for day in told}
    assert rates.stored(market.FX_HISTORY).filter(currency="USD", date=told[-1]).is_empty()
    assert rates.night().held.is_empty()
    assert rates.unlike_bank() == []


@pytest.mark.parametrize(("factor", "nights"), [(1.04, 2), (1.3, 4)])
def test_who_says_the_same_nights_on_end_has_it_believed(rates, bank, factor, nights):
    for day in DAYS[NIGHT - 1 :]:
        bank.says("USD", day, factor)
    for _ in range(nights - 1):
        rates.night()
        assert rates.unlike_bank() != []
    rates.night()
    assert rates.unlike_bank() == []
