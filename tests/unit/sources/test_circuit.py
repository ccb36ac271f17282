"""A circuit: closed, open, one probe, closed or open again."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.providers.circuit import Breaker, Entry, State
from warehouse.ops.providers import Circuit

NOON = dt.datetime(2024, 3, 12, 12, tzinfo=dt.UTC)
BREAKER = Breaker()


def at(seconds):
    return NOON + dt.timedelta(seconds=seconds)


def opened():
    circuit = Circuit()
    for _ in range(5):
        circuit, entry = BREAKER.enter(circuit, NOON)
        circuit = BREAKER.failed(circuit, entry, NOON)
    return circuit


def test_five_failures_in_a_row_open_it_for_a_minute():
    circuit = opened()
    assert circuit == Circuit(failures_in_a_row=5, opened_at=NOON)
    assert [BREAKER.state(circuit, at(second)) for second in (0, 59.9, 60)] == [State.OPEN, State.OPEN, State.HALF_OPEN]
    assert BREAKER.enter(circuit, at(59)) == (circuit, Entry(refused_until=at(60)))


def test_an_answer_in_between_begins_anew():
    circuit = Circuit(failures_in_a_row=4)
    assert BREAKER.answered(circuit, Entry()) == Circuit()


def test_one_question_tries_it_and_the_others_are_refused():
    circuit, first = BREAKER.enter(opened(), at(60))
    _, second = BREAKER.enter(circuit, at(61))
    assert first == Entry(probe=True)
    assert second == Entry(refused_until=at(120))


def test_a_probe_that_is_answered_closes_it():
    circuit, probe = BREAKER.enter(opened(), at(60))
    assert BREAKER.answered(circuit, probe) == Circuit()


def test_a_probe_that_fails_opens_it_for_another_minute():
    circuit, probe = BREAKER.enter(opened(), at(60))
    circuit = BREAKER.failed(circuit, probe, at(70))
    assert circuit == Circuit(failures_in_a_row=6, opened_at=at(70))
    assert BREAKER.enter(circuit, at(129))[1].refused_until == at(130)


def test_a_refusal_opens_it_at_once_and_is_kept_until_an_answer():
    said = "bad key: scripted"
    circuit = BREAKER.refused(*BREAKER.enter(Circuit(), NOON), NOON, said)
    assert circuit == Circuit(failures_in_a_row=1, opened_at=NOON, refusal=said)
    circuit, probe = BREAKER.enter(circuit, at(60))
    assert BREAKER.refused(circuit, probe, at(61), said).opened_at == at(61)
    assert BREAKER.failed(circuit, probe, at(61)).refusal is None
    assert BREAKER.answered(circuit, probe) == Circuit()


def test_a_refusal_of_what_was_asked_before_it_opened_changes_nothing():
    assert BREAKER.refused(opened(), Entry(), at(30), "bad key: scripted") == opened()


def test_a_probe_that_came_to_nothing_lets_the_next_one_try_at_once():
    before = opened()
    circuit, probe = BREAKER.enter(before, at(60))
    assert BREAKER.released(circuit, probe) == before


def test_a_probe_that_never_comes_back_holds_nobody_up_for_longer_than_its_time():
    circuit, _ = BREAKER.enter(opened(), at(60))
    assert BREAKER.enter(circuit, at(120))[1] == Entry(probe=True)


@pytest.mark.parametrize("outcome", ["answered", "failed"])
def test_what_was_asked_before_it_opened_changes_no_open_circuit(outcome):
    circuit = opened()
    if outcome == "answered":
        assert BREAKER.answered(circuit, Entry()) == circuit
    else:
        assert BREAKER.failed(circuit, Entry(), at(30)).opened_at == NOON


def test_a_clock_that_was_wrong_shuts_nobody_out():
    ahead = Circuit(failures_in_a_row=5, opened_at=at(10**8), probe_until=at(10**8))
    assert BREAKER.enter(ahead, NOON)[1] == Entry(probe=True)


def test_it_is_down_where_it_fails_what_it_answered_before_until_it_answers():
    circuit = BREAKER.failed(Circuit(), Entry(), NOON, answered_before=True)
    assert BREAKER.failed(circuit, Entry(), NOON) == Circuit(failures_in_a_row=2, is_down=True)
    assert BREAKER.answered(circuit, Entry()) == Circuit()


@pytest.mark.parametrize(
    ("circuit", "was_up", "seconds"),
    [
        pytest.param(Circuit(failures_in_a_row=4), True, None, id="closed"),
        pytest.param(
            Circuit(failures_in_a_row=5, opened_at=NOON), False, 50, id="over what it may be unable to answer"
        ),
        pytest.param(Circuit(failures_in_a_row=5, opened_at=at(-70)), False, 0, id="left alone for long enough"),
        pytest.param(Circuit(failures_in_a_row=5, opened_at=at(10**8)), False, 0, id="a clock that was wrong"),
        pytest.param(Circuit(failures_in_a_row=5, opened_at=NOON, is_down=True), False, None, id="down"),
        pytest.param(Circuit(failures_in_a_row=5, opened_at=NOON, is_down=True), True, 50, id="up a moment ago"),
        pytest.param(Circuit(failures_in_a_row=6, opened_at=NOON), True, None, id="tried in vain"),
        pytest.param(Circuit(failures_in_a_row=1, opened_at=NOON, refusal="bad key"), True, None, id="refused"),
    ],
)
def test_the_first_probe_is_worth_waiting_for_where_the_provider_may_be_up(circuit, was_up, seconds):
    wait = BREAKER.worth_waiting(circuit, at(10), was_up=was_up)
    assert wait == (None if seconds is None else dt.timedelta(seconds=seconds))


STEPS = st.lists(st.tuples(st.sampled_from(["answered", "failed", "released", "dies"]), st.floats(0, 200)), max_size=40)


@given(STEPS)
def test_it_never_stays_shut_and_never_lets_two_probes_out(steps):
    circuit, second, probe_dies_at = Circuit(), 0.0, -1.0
    for outcome, waited in steps:
        second += waited
        circuit, entry = BREAKER.enter(circuit, at(second))
        if entry.probe:
            assert second >= probe_dies_at
            probe_dies_at = second + 60 if outcome == "dies" else -1.0
        if entry.refused_until is not None:
            assert at(second) < entry.refused_until <= at(second + 60)
        elif outcome == "answered":
            circuit = BREAKER.answered(circuit, entry)
            assert BREAKER.state(circuit, at(second)) is State.CLOSED
        elif outcome == "failed":
            circuit = BREAKER.failed(circuit, entry, at(second))
        elif outcome == "released":
            circuit = BREAKER.released(circuit, entry)
    assert BREAKER.enter(circuit, at(second + 120))[1].refused_until is None
