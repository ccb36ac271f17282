"""Many questions over many nights: no sick one starves the others, and a provider that is down is left alone."""

import datetime as dt
from dataclasses import replace

import pytest

from pipelines.providers.limits import Limit
from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import LeftAloneError, QuotaError, QuotaSpentError, RateLimitError, SourceDownError
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.fetch_rates import fetch_rates
from tests.guards import NOON, Clock, guard_at
from tests.unit.sources.test_fetch import DAY, Scripted
from warehouse.ops.providers import Circuit

NIGHT = 86_400
STORED = (NOON - dt.timedelta(days=1)).date()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def night(guard, clock):
    """Return one night's fetch, a day after the one before; it says who was answered by whom."""

    def fetched(sources, symbols, *, stored="", limits=None):
        requests = [PriceRequest(symbol=name, stored_until=STORED if name in stored else None) for name in symbols]
        limited = replace(guard, limits=limits or {})
        result = fetch_prices(sources, requests, guard=limited, now=clock())
        clock.pass_by(NIGHT)
        return dict(result.prices.select("symbol", "source").iter_rows()), result.failures

    return fetched


@pytest.fixture
def guard(tmp_path, clock):
    return guard_at(tmp_path, clock, attempts=1)


def sick(names, well=""):
    return Scripted("one", **dict.fromkeys(names, SourceDownError), **dict.fromkeys(well, 1))


def left_open(guard, failures):
    circuit = Circuit(failures_in_a_row=failures, opened_at=guard.clock() - dt.timedelta(hours=1))
    guard.providers.change_circuit("one", lambda _: (circuit, None))


def test_one_sick_symbol_is_the_probe_of_one_night_at_most(night, guard, clock):
    left_open(guard, 7)
    source = sick("I", well="ABCDEFGH")
    answered, failures = night([source], "ABCDEFGHI")
    assert (answered, source.asked, len(failures)) == ({}, ["I"], 9)
    for _ in range(3):
        answered, failures = night([source], "ABCDEFGHI")
        assert (set(answered), [one.symbol for one in failures]) == (set("ABCDEFGH"), ["I"])
    assert clock.waits == []


@pytest.mark.parametrize("ill", "AEI")
def test_what_is_stored_is_the_first_probe(night, guard, ill):
    left_open(guard, 7)
    well = "ABCDEFGHI".replace(ill, "")
    answered, failures = night([sick(ill, well=well)], "ABCDEFGHI", stored=well)
    assert (set(answered), len(failures)) == (set(well), 1)


def test_five_new_ones_that_are_sick_cost_the_others_a_minute_once(night, clock):
    source = sick("ABCDE", well="JKMPX")
    for _ in range(4):
        answered, failures = night([source], "ABCDEJKMPX", stored="JKMPX")
        assert (set(answered), "".join(one.symbol for one in failures)) == (set("JKMPX"), "ABCDE")
    assert clock.waits == [60]


def test_seven_that_fall_sick_cost_the_others_one_night(night):
    everybody = "ABCDEFGJKMPX"
    night([sick("", well=everybody)], everybody)
    source = sick("ABCDEFG", well="JKMPX")
    nights = [set(night([source], everybody)[0]) for _ in range(4)]
    assert nights == [set(), *[set("JKMPX")] * 3]
    assert set(source.asked) == set(everybody)


@pytest.mark.parametrize("stored", ["", "ABCDEFGHIJ"])
def test_a_provider_that_is_down_is_asked_once_a_night_and_each_time_something_else(night, clock, stored):
    source = sick("ABCDEFGHIJ")
    asked = []
    for _ in range(4):
        night([source], "ABCDEFGHIJ", stored=stored)
        asked.append("".join(source.asked))
        source.asked.clear()
    assert (asked, clock.waits) == (["ABCDE", "J", "I", "H"], [])


def test_one_that_breaks_down_for_a_minute_is_waited_for(night, clock):
    source = Scripted("one", A=1, **dict.fromkeys("BCDEF", (SourceDownError, 1)), G=1, H=1)
    answered, failures = night([source], "ABCDEFGH", stored="ABCDEFGH")
    assert (set(answered), "".join(one.symbol for one in failures)) == (set("AGH"), "BCDEF")
    assert clock.waits == [60]


def test_one_that_breaks_down_for_good_is_tried_once_more_and_no_longer_waited_for(night, clock):
    source = Scripted("one", A=1, **dict.fromkeys("BCDEFGHIJ", SourceDownError))
    _, failures = night([source], "ABCDEFGHIJ", stored="ABCDEFGHIJ")
    assert ("".join(source.asked), clock.waits) == ("ABCDEFJ", [60])
    assert [one.symbol for one in failures if isinstance(one.errors[0], LeftAloneError)] == list("GHI")


def test_nobody_waits_where_the_next_source_answers(night, clock):
    second = Scripted("two", **dict.fromkeys("ABCDEJK", 2))
    answered, failures = night([sick("ABCDE", well="JK"), second], "ABCDEJK", stored="JK")
    assert (set(answered.values()), failures, clock.waits) == ({"two"}, (), [])


def test_rates_wait_for_a_provider_that_symbols_have_left_open(night, guard, clock):
    source = Scripted("one", rates={"TWD": "34.2"}, J=1, **dict.fromkeys("ABCDEFG", SourceDownError))
    for _ in range(3):
        night([source], "ABCDEFGJ", stored="J")
    clock.pass_by(-NIGHT)
    clock.waits.clear()
    assert guard.providers.circuit("one").opened_at == clock()
    assert fetch_rates([source], ["TWD"], DAY, DAY, guard=guard, now=clock()).failures == ()
    assert clock.waits == [60]


def test_rates_do_not_wait_for_a_provider_that_is_down(night, guard, clock):
    night([sick("ABCDEFGH")], "ABCDEFGH", stored="ABCDEFGH")
    clock.pass_by(-NIGHT)
    (failure,) = fetch_rates([Scripted("one", rates={})], ["TWD"], DAY, DAY, guard=guard, now=clock()).failures
    assert (type(failure.errors[0]), clock.waits) == (LeftAloneError, [])


def test_a_quota_serves_everybody_in_turn(night):
    limits = {"one": (Limit(4, 86_400),)}
    nights = [night([sick("", well="ABCDEFGHIJ")], "ABCDEFGHIJ", limits=limits) for _ in range(5)]
    assert ["".join(answered) for answered, _ in nights] == ["ABCD", "EFGH", "ABIJ", "CDEF", "ABGH"]
    assert isinstance(nights[0][1][0].errors[0], QuotaSpentError)


def test_a_quota_that_the_provider_counts_does_too(night):
    class Counting(Scripted):
        left = 4

        def prices(self, request, *, now):
            self.left -= 1
            if self.left < 0:
                raise QuotaError("one", request.symbol, "scripted")
            return super().prices(request, now=now)

    nights = [set(night([Counting("one", **dict.fromkeys("ABCDEFGHIJ", 1))], "ABCDEFGHIJ")[0]) for _ in range(6)]
    assert [len(answered) for answered in nights] == [4] * 6
    assert set.union(*nights[:3]) == set.union(*nights[3:]) == set("ABCDEFGHIJ")


def test_each_source_has_turns_of_its_own(night):
    """The second one alone knows the funds, the first one says so each night."""
    funds = "FGHI"
    second = {"two": (Limit(2, 86_400),)}
    nights = [
        night([sick("", well="ABC"), Scripted("two", **dict.fromkeys(funds, 2))], "ABC" + funds, limits=second)[0]
        for _ in range(2)
    ]
    assert [set(answered) for answered in nights] == [set("ABCFG"), set("ABCHI")]


def test_one_that_wants_all_to_wait_for_an_hour_comes_last_the_next_night(night):
    class Waiting(Scripted):
        def prices(self, request, *, now):
            if request.symbol == "A":
                raise RateLimitError("one", "A", "scripted", 3600)
            return super().prices(request, now=now)

    source = Waiting("one", B=1, C=1)
    assert [set(night([source], "ABC")[0]) for _ in range(3)] == [set(), set("BC"), set("BC")]
