"""What a question was told before it failed is not asked again while it is tried again."""

import pytest

from pipelines.sources.errors import QuotaError, RateLimitError
from pipelines.sources.resumed import Resumed


class Provider:
    """Answers every part with its number, until it is told to fail."""

    def __init__(self):
        self.asked, self.error, self.now = [], None, 0.0
        self.resumed = Resumed(lambda: self.now)

    def part(self, name):
        self.asked.append(name)
        if self.error is not None:
            raise self.error
        return f"{name} {len(self.asked)}"

    def put(self, question, *, failing=None):
        with self.resumed.of(question) as once:
            first = once("first", lambda: self.part("first"))
            self.error = failing
            try:
                second = once("second", lambda: self.part("second"))
            finally:
                self.error = None
        return first, second


@pytest.fixture
def provider():
    return Provider()


LATER, NEVER = RateLimitError("p", None, "slow down"), QuotaError("p", None, "spent")


def test_a_question_that_is_tried_again_asks_for_what_is_missing_alone(provider):
    with pytest.raises(RateLimitError):
        provider.put("a", failing=LATER)
    assert provider.put("a") == ("first 1", "second 3")
    assert provider.asked == ["first", "second", "second"]


def test_an_answered_question_begins_anew(provider):
    provider.put("a")
    provider.put("a")
    assert provider.asked == ["first", "second"] * 2


@pytest.mark.parametrize("between", ["another question", "a failure that does not pass", "a long time"])
def test_nothing_else_is_taken_up_again(provider, between):
    with pytest.raises((RateLimitError, QuotaError)):
        provider.put("a", failing=NEVER if between == "a failure that does not pass" else LATER)
    if between == "another question":
        provider.put("b")
    if between == "a long time":
        provider.now = 300.0
    before = len(provider.asked)
    provider.put("a")
    assert provider.asked[before:] == ["first", "second"]
