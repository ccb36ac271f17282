"""Answers without anything in them: whether they are answers, who is asked next, and for how long they count."""

import json

import pytest
from pydantic import SecretStr

from pipelines.research import Research, StatementKind, news, search, statements
from pipelines.sources.alphavantage import AlphaVantageSource
from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import GarbledAnswerError, MalformedAnswerError
from pipelines.sources.lookups import STATEMENTS, Match
from tests.guards import NOON, Clock, guard_at
from tests.replay import Answer
from warehouse.ops import Ops

SEARCH = "/v1/finance/search"
ERROR = {"finance": {"result": None, "error": {"code": "Internal Server Error", "description": "timeout"}}}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def asking(tmp_path, clock):
    """Return what looks things up at some sources."""
    lookups = Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}").lookups()
    guard = guard_at(tmp_path, clock, attempts=1)
    return lambda *sources: Research(sources, guard=guard, lookups=lookups, wait_seconds=60)


@pytest.mark.parametrize(
    ("body", "trouble", "said"),
    [
        ({}, GarbledAnswerError, "neither quotes nor news"),
        ({"count": 0}, GarbledAnswerError, "neither quotes nor news"),
        (ERROR, MalformedAnswerError, "Internal Server Error: timeout"),
        ({"finance": None}, GarbledAnswerError, "neither"),
    ],
)
def test_an_answer_without_what_was_asked_for_is_none(yahoo, replay, body, trouble, said):
    for ask in (lambda: yahoo.search("x"), lambda: yahoo.news(PriceRequest(symbol="SPLITS"), limit=2)):
        replay.fail_next(SEARCH, Answer(body=json.dumps(body).encode()))
        with pytest.raises(trouble, match=said) as raised:
            ask()
        assert type(raised.value) is trouble


def test_an_error_that_comes_as_an_answer_is_asked_about_elsewhere_and_not_kept(yahoo, replay, asking):
    alone = asking(yahoo)
    replay.fail_next(SEARCH, Answer(body=json.dumps(ERROR).encode()))
    assert "timeout" in alone.ask(search("dividends")).trouble
    assert alone.ask(search("dividends")).answer
    other = AlphaVantageSource(key=SecretStr("secret"), base_url=replay.url)
    replay.fail_next(SEARCH, Answer(body=json.dumps(ERROR).encode()))
    assert asking(yahoo, other).ask(search("pence")).source == "alphavantage"


class Told:
    """A source that finds what it is told to, and has no statement."""

    def __init__(self, name, *found):
        self.name, self.found, self.asked = name, found, 0

    def search(self, text):
        self.asked += 1
        return tuple(Match(symbol=symbol) for symbol in self.found)

    def news(self, request, *, limit):
        self.asked += 1
        return ()

    def statements(self, request, kind):
        self.asked += 1
        return STATEMENTS.to_frame()


class Broken(Told):
    """A source that answers nothing that can be read."""

    def search(self, text):
        self.asked += 1
        raise MalformedAnswerError(self.name, text, "no")


def test_where_one_finds_nothing_the_next_is_asked(asking):
    one, two, three = Told("one"), Told("two", "A"), Told("three", "B")
    found = asking(one, two, three).ask(search("x"))
    assert (found.source, [match.symbol for match in found.answer]) == ("two", ["A"])
    assert (one.asked, two.asked, three.asked) == (1, 1, 0)


def test_nothing_is_an_answer_where_nobody_finds_more_and_counts_for_an_hour(asking, clock):
    sources = Told("one"), Broken("two"), Told("three")
    research = asking(*sources)
    found = research.ask(search("x"))
    assert (found.source, found.answer, found.answered_at, found.trouble) == ("one", (), NOON, None)
    clock.pass_by(3599)
    assert research.ask(search("x")) == found
    assert [source.asked for source in sources] == [1, 1, 1]
    clock.pass_by(1)
    sources[2].found = ("A",)
    found = research.ask(search("x"))
    assert (found.source, [match.symbol for match in found.answer]) == ("three", ["A"])
    clock.pass_by(6 * 86400)
    assert research.ask(search("x")) == found


def test_statements_that_say_nothing_are_asked_for_elsewhere_and_no_news_is_an_answer(asking):
    one, two = Told("one"), Told("two")
    research = asking(one, two)
    assert research.ask(statements("A", StatementKind.INCOME)).source == "one"
    assert (one.asked, two.asked) == (1, 1)
    assert research.ask(news("A")).answer == ()
    assert (one.asked, two.asked) == (2, 1)


def test_what_somebody_types_may_be_no_text(asking):
    assert asking(Told("one", "A")).ask(search("acm\udcff e")).answer
