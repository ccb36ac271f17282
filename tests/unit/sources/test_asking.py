"""How a question is put to a provider: patience, circuit, what it asks for, limits."""

import datetime as dt
from dataclasses import replace

import pytest

from pipelines.providers.health import provider_health
from pipelines.providers.limits import Limit
from pipelines.sources.errors import (
    BadKeyError,
    GarbledAnswerError,
    LeftAloneError,
    MalformedAnswerError,
    QuotaError,
    QuotaSpentError,
    RateLimitError,
    SourceDownError,
    UnknownSymbolError,
)
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.resilience import Question
from tests.guards import NOON, Clock, guard_at
from tests.unit.sources.test_fetch import PriceRequest, Scripted
from warehouse.ops.providers import Circuit
from warehouse.schema.ops import PROVIDER_HEALTH


class Provider:
    """A provider that does what the test says next, then answers."""

    name = "one"

    def __init__(self, *does):
        self.does = list(does)
        self.asked = 0

    def answer(self):
        self.asked += 1
        step = self.does.pop(0) if self.does else "answer"
        if isinstance(step, BaseException):
            raise step
        return step


class Pacing(Provider):
    """A provider that takes three requests an answer, and says each."""

    before_request = None
    sent = 0

    def answer(self):
        for _ in range(3):
            self.before_request()
            self.sent += 1
        return super().answer()


def ask(guard, provider, about="A"):
    return guard.ask(provider, Question(kind="prices", about=about, key=about, put=lambda source: source.answer()))


def down():
    return SourceDownError("one", "A", "HTTP 503")


def limited(seconds=None):
    return RateLimitError("one", "A", "HTTP 429", seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guard(tmp_path, clock):
    """Return a guard as a process of its own would have it, over one shared state."""
    return lambda **changes: guard_at(tmp_path, clock, **changes)


def broken(guard, failures=5):
    """Ask in vain as often as it takes."""
    provider = Provider(*[down() for _ in range(failures)])
    for _ in range(failures):
        with pytest.raises(SourceDownError):
            ask(guard(attempts=1), provider)


def test_after_five_failures_nobody_asks(guard):
    broken(guard)
    provider = Provider()
    with pytest.raises(LeftAloneError, match=r"left alone: after 5 failures in a row, until 12:01:00Z"):
        ask(guard(), provider)
    assert provider.asked == 0


def test_a_question_that_was_answered_at_the_third_try_is_no_failure(guard, clock):
    for _ in range(6):
        assert ask(guard(), Provider(down(), down())) == "answer"
    assert len(clock.waits) == 12
    assert guard().providers.circuit("one").failures_in_a_row == 0


def test_waits_are_random_and_bounded(guard, clock):
    with pytest.raises(SourceDownError):
        ask(guard(attempts=9), Provider(*[down() for _ in range(9)]))
    assert all(wait <= min(2**number, 30) for number, wait in enumerate(clock.waits))
    assert len(set(clock.waits)) == 8


def test_after_a_minute_one_probe_closes_it_for_all(guard, clock):
    broken(guard)
    clock.pass_by(60)
    assert ask(guard(), Provider()) == "answer"
    assert ask(guard(), Provider()) == "answer"


def test_a_probe_does_not_insist(guard, clock):
    broken(guard)
    clock.pass_by(60)
    provider = Provider(down())
    with pytest.raises(SourceDownError):
        ask(guard(), provider)
    assert (provider.asked, clock.waits) == (1, [])
    with pytest.raises(LeftAloneError, match="after 6 failures in a row, until 12:02:00Z"):
        ask(guard(), provider)


def test_while_a_probe_is_out_the_others_are_refused(guard, clock):
    broken(guard)
    clock.pass_by(60)
    other = Provider()

    class Meanwhile(Provider):
        def answer(self):
            with pytest.raises(LeftAloneError):
                ask(guard(), other, "B")
            return super().answer()

    assert ask(guard(), Meanwhile()) == "answer"
    assert other.asked == 0


@pytest.mark.parametrize("ends", [KeyboardInterrupt(), QuotaSpentError("one", None, "scripted")])
def test_a_probe_that_came_to_nothing_lets_the_next_one_try(guard, clock, ends):
    broken(guard)
    clock.pass_by(60)
    with pytest.raises(type(ends)):
        ask(guard(), Provider(ends))
    assert ask(guard(), Provider()) == "answer"


@pytest.mark.parametrize("trouble", [UnknownSymbolError, MalformedAnswerError])
def test_whoever_answers_anything_is_not_down(guard, trouble):
    broken(guard, failures=4)
    with pytest.raises(trouble):
        ask(guard(), Provider(trouble("one", "A", "scripted")))
    assert guard().providers.circuit("one").failures_in_a_row == 0


def garbled():
    return GarbledAnswerError("one", "A", "no JSON")


def test_a_page_instead_of_an_answer_counts_like_no_answer(guard):
    broken(guard, failures=4)
    with pytest.raises(GarbledAnswerError):
        ask(guard(attempts=1), Provider(garbled()))
    with pytest.raises(LeftAloneError):
        ask(guard(), Provider())


def test_an_answer_that_breaks_off_is_asked_for_again(guard):
    assert ask(guard(), Provider(garbled())) == "answer"


def test_a_probe_that_is_given_a_page_opens_it_again(guard, clock):
    broken(guard)
    clock.pass_by(60)
    with pytest.raises(GarbledAnswerError):
        ask(guard(), Provider(garbled()))
    with pytest.raises(LeftAloneError, match="after 6 failures in a row, until 12:02:00Z"):
        ask(guard(), Provider())


@pytest.mark.parametrize(
    ("refusal", "said"), [(BadKeyError, "bad key: scripted"), (QuotaError, "quota used up: scripted")]
)
def test_what_refuses_whoever_asks_is_asked_once_a_minute_and_every_symbol_says_why(guard, clock, refusal, said):
    provider = Provider(*[refusal("one", "A", "scripted") for _ in range(2)])
    with pytest.raises(refusal):
        ask(guard(), provider)
    for about in "BCD":
        with pytest.raises(LeftAloneError, match=f"one about {about}: left alone: {said}, until 12:01:00Z"):
            ask(guard(), provider, about)
    clock.pass_by(60)
    with pytest.raises(refusal):
        ask(guard(), provider)
    with pytest.raises(LeftAloneError, match=f"{said}, until 12:02:00Z"):
        ask(guard(), provider)
    assert (provider.asked, clock.waits) == (2, [])
    clock.pass_by(60)
    assert ask(guard(), provider) == ask(guard(), provider) == "answer"


def test_retry_after_is_waited_for(guard, clock):
    assert ask(guard(), Provider(limited(40))) == "answer"
    assert clock.waits == [40]


def test_without_retry_after_the_wait_is_our_own(guard, clock):
    assert ask(guard(), Provider(limited())) == "answer"
    assert clock.waits[0] <= 1


def test_other_processes_wait_too(guard, clock):
    with pytest.raises(RateLimitError):
        ask(guard(attempts=1), Provider(limited(40)))
    assert ask(guard(), Provider()) == "answer"
    assert clock.waits == [40]


def test_a_longer_retry_after_leaves_it_alone_meanwhile(guard, clock):
    provider = Provider(limited(600))
    with pytest.raises(RateLimitError):
        ask(guard(), provider)
    with pytest.raises(LeftAloneError, match="as it asked for, until 2024-03-12 12:10:00Z"):
        ask(guard(), provider)
    assert (provider.asked, clock.waits) == (1, [])
    clock.pass_by(600)
    assert ask(guard(), provider) == "answer"


def test_nobody_can_ask_to_be_left_alone_for_ever(guard):
    with pytest.raises(RateLimitError):
        ask(guard(), Provider(limited(10**9)))
    assert guard().providers.circuit("one").not_before == NOON + dt.timedelta(hours=1)


def test_a_clock_that_was_wrong_makes_nobody_wait(guard, clock):
    circuit = Circuit(not_before=NOON + dt.timedelta(days=9999))
    guard().providers.change_circuit("one", lambda _: (circuit, None))
    assert ask(guard(), Provider()) == "answer"
    assert clock.waits == []


def test_each_request_counts_where_a_provider_says_it(guard):
    limits = {"one": (Limit(7, 86_400),)}
    provider = Pacing()
    assert [ask(guard(limits=limits), provider) for _ in range(2)] == ["answer"] * 2
    with pytest.raises(QuotaSpentError):
        ask(guard(limits=limits), provider)
    assert (provider.sent, provider.asked) == (7, 2)


def test_waiting_for_room_is_no_latency_of_the_providers(guard, clock):
    slow = guard(limits={"one": (Limit(1, 60),)}, stopwatch=clock.stopwatch)
    ask(slow, Pacing())
    assert [round(wait) for wait in clock.waits] == [60, 60]
    assert slow.providers.answers()["latency_ms"].to_list() == [0]


def test_each_try_counts_where_it_does_not(guard):
    limits = {"one": (Limit(3, 86_400),)}
    assert ask(guard(limits=limits), Provider(down(), down())) == "answer"
    with pytest.raises(QuotaSpentError):
        ask(guard(limits=limits), Provider())


def test_a_spent_quota_is_no_failure_of_the_provider(guard):
    limits = {"one": (Limit(1, 86_400),)}
    ask(guard(limits=limits), Provider())
    for _ in range(9):
        with pytest.raises(QuotaSpentError):
            ask(guard(limits=limits), Provider())
    assert guard().providers.circuit("one").failures_in_a_row == 0
    assert guard().providers.calls(NOON.date()).rows() == [("one", 1, 0)]


@pytest.mark.parametrize("why", ["open", "spent"])
def test_the_next_source_answers_for_one_that_is_not_asked(guard, why):
    limits = {"one": (Limit(1, 86_400),)} if why == "spent" else {}
    if why == "open":
        broken(guard)
    else:
        ask(guard(limits=limits), Provider())
    first, second, third = (Scripted(name, A=price) for name, price in (("one", 1), ("two", 2), ("three", 3)))
    request = [PriceRequest(symbol="A")]
    result = fetch_prices([first, second, third], request, guard=guard(limits=limits), now=NOON)
    assert result.prices["source"].to_list() == ["two"]
    assert (first.asked, third.asked) == ([], [])


def test_what_nobody_can_answer_says_why(guard):
    broken(guard)
    result = fetch_prices([Scripted("one", A=1)], [PriceRequest(symbol="A")], guard=guard(), now=NOON)
    assert str(result.failures[0]).startswith("one about A: left alone: after 5 failures")


def test_health_has_calls_latencies_breaker_and_quota(guard, clock):
    limits = {"one": (Limit(25, 86_400),), "two": ()}
    ticks = iter([0, 1, 10, 13])
    watched = guard(limits=limits, stopwatch=lambda: next(ticks))
    ask(watched, Provider(down()))
    asked = frozenset({"one", "two"})
    health = provider_health(watched.providers, limits, asked=asked, now=clock())
    assert health.schema == PROVIDER_HEALTH.polars_schema
    one, two = health.to_dicts()
    assert one | {"last_called_at": None, "last_ok_at": None} == {
        "source": "one",
        "day": NOON.date(),
        "calls": 2,
        "failures": 1,
        "latency_p50_ms": 3000,
        "latency_p95_ms": 3000,
        "breaker": "closed",
        "failures_in_a_row": 0,
        "open_until": None,
        "not_before": None,
        "quota_left": 23,
        "last_called_at": None,
        "last_ok_at": None,
        "last_error": "one about A: down: HTTP 503",
    }
    assert (two["calls"], two["breaker"], two["quota_left"]) == (0, "closed", None)


def test_health_says_who_is_left_alone_and_until_when(guard, clock):
    broken(guard)

    def row(now):
        return provider_health(guard().providers, {}, asked=frozenset(), now=now).row(0, named=True)

    assert (row(clock())["breaker"], row(clock())["open_until"]) == ("open", NOON + dt.timedelta(seconds=60))
    later = row(clock() + dt.timedelta(seconds=60))
    assert (later["breaker"], later["open_until"], later["failures_in_a_row"]) == ("half-open", None, 5)


def test_a_new_day_counts_anew(guard, clock):
    limits = {"one": (Limit(25, 86_400),)}
    ask(guard(limits=limits), Provider())
    clock.pass_by(86_400)
    row = provider_health(guard().providers, limits, asked=frozenset(), now=clock()).row(0, named=True)
    assert (row["calls"], row["quota_left"], row["last_called_at"]) == (0, 25, NOON)


def test_the_circuit_is_kept_as_it_was_written(guard):
    providers = guard().providers
    circuit = replace(providers.circuit("one"), failures_in_a_row=2, not_before=NOON)
    providers.change_circuit("one", lambda _: (circuit, None))
    assert guard().providers.circuit("one") == circuit
    assert providers.circuit("two") != circuit
