"""Identical questions in flight."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.sources.errors import SourceDownError
from pipelines.sources.in_flight import InFlight, in_flight_of

THREADS = 6


class Slow:
    """A question that is answered once everybody has asked it."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = 0
        self.go = threading.Event()

    def __call__(self):
        self.asked += 1
        self.go.wait(10)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class Looked:
    """A key that counts who has looked for it: whoever has is waiting for the answer."""

    def __init__(self):
        self.looked = 0

    def __hash__(self):
        self.looked += 1
        return 1

    def __eq__(self, other):
        return self is other


def test_the_same_question_is_asked_once_and_answered_to_all():
    question, in_flight, key = Slow("answer"), InFlight(), Looked()
    with ThreadPoolExecutor(THREADS) as pool:
        everybody = [pool.submit(in_flight.once, key, question) for _ in range(THREADS)]
        while key.looked < THREADS:
            time.sleep(0.001)
        question.go.set()
        assert {one.result() for one in everybody} == {"answer"}
    assert question.asked == 1


def test_other_questions_do_not_wait():
    slow, in_flight = Slow("slow"), InFlight()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(in_flight.once, "one", slow)
        assert in_flight.once("two", lambda: "quick") == "quick"
        slow.go.set()
        assert first.result() == "slow"


def test_what_comes_later_is_asked_anew():
    question, in_flight = Slow("answer"), InFlight()
    question.go.set()
    assert [in_flight.once("key", question) for _ in range(3)] == ["answer"] * 3
    assert question.asked == 3


def test_a_failure_is_everybodys():
    question = Slow(SourceDownError("one", "A", "HTTP 503"))
    question.go.set()
    in_flight = InFlight()
    for _ in range(2):
        with pytest.raises(SourceDownError):
            in_flight.once("key", question)


def test_who_waits_for_an_interrupted_one_asks_in_its_place():
    in_flight, asking, go = InFlight(), threading.Event(), threading.Event()

    def interrupted():
        asking.set()
        go.wait(10)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(in_flight.once, "key", interrupted)
        asking.wait(10)
        second = pool.submit(in_flight.once, "key", lambda: "answer")
        go.set()
        assert isinstance(first.exception(), KeyboardInterrupt)
        assert second.result() == "answer"


def test_deployments_do_not_share_what_is_in_flight():
    assert in_flight_of("sqlite:///a") is in_flight_of("sqlite:///a")
    assert in_flight_of("sqlite:///a") is not in_flight_of("sqlite:///b")
