"""Texts with halves of characters, which JSON can hold and nothing else."""

import datetime as dt

import polars as pl
import pytest

from pipelines.sources.base import Description, PriceAnswer, PriceRequest, Profile
from pipelines.sources.errors import MalformedAnswerError, SourceDownError, UnknownSymbolError
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.fetch_descriptions import fetch_descriptions
from pipelines.sources.lookups import Article, Match
from pipelines.sources.resilience import Question
from pipelines.sources.writable import UnwritableError, writable
from tests.guards import Clock, guard_at
from tests.unit.sources.test_fetch import NOW, Scripted

HALF = "\ud83d"
PUBLISHED = dt.datetime(2024, 3, 11, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Société 😀", "Société 😀"),
        (f"Acme {HALF}", "Acme"),
        (" as it came ", " as it came "),
        (Description(sector=HALF, country=f"Fr{HALF}ance"), Description(sector=None, country="France")),
        ((Match(symbol="A", name=f"x{HALF}"),), (Match(symbol="A", name="x"),)),
        (None, None),
    ],
)
def test_what_is_half_a_character_goes(said, expected):
    assert writable(said) == expected


def test_tuples_within_an_answer_are_looked_into():
    told = Article(title="t", url="u", published_at=PUBLISHED, symbols=("A", f"B{HALF}"), summary=HALF)
    assert writable(told) == Article(title="t", url="u", published_at=PUBLISHED, symbols=("A", "B"))


def test_what_must_be_exact_is_not_changed_into_something_else():
    with pytest.raises(UnwritableError, match=r"symbol holds half a character: 'A\\ud83dB'"):
        writable(Match(symbol=f"A{HALF}B"))


def test_an_answer_that_is_whole_stays_the_same_object():
    told = PriceAnswer(profile=Profile(currency="USD", price_unit="USD", name="Acme"))
    assert writable(told) is told


class Odd(Scripted):
    """A source that has a name for A which is cut off, and breaks over B."""

    def prices(self, request, *, now):
        answer = super().prices(request, now=now)
        if request.symbol == "A":
            profile = Profile(currency="USD", price_unit="USD", name=f"Acme {HALF}", sector=HALF)
            return PriceAnswer(prices=answer.prices, profile=profile)
        if request.symbol == "B":
            raise self.script["B"][-1]
        return answer

    def describe(self, request):
        return Description(country=f"Fr{HALF}ance", sector=HALF)


@pytest.mark.parametrize(
    "breaks",
    [
        UnicodeEncodeError("utf-8", HALF, 0, 1, "surrogates not allowed"),
        RecursionError("too deep"),
        ValueError("a number of 5000 digits"),
        OverflowError("a year of 30000"),
        pl.exceptions.InvalidOperationError("too large"),
    ],
)
def test_one_odd_answer_is_a_failure_of_its_symbol_alone(tmp_path, breaks):
    source = Odd("one", A=1, B=(2, breaks), C=3)
    requests = [PriceRequest(symbol=symbol) for symbol in "ABC"]
    result = fetch_prices([source], requests, guard=guard_at(tmp_path, Clock()), now=NOW)
    assert result.prices["symbol"].to_list() == ["A", "C"]
    assert result.symbols.select("symbol", "name", "sector").rows() == [("A", "Acme", None), ("C", "C", None)]
    (failure,) = result.failures
    assert (failure.symbol, type(failure.errors[0])) == ("B", MalformedAnswerError)
    assert type(breaks).__name__ in str(failure)


def test_a_description_is_known_without_what_is_half_a_character(tmp_path):
    guard = guard_at(tmp_path, Clock())
    result = fetch_descriptions([Odd("one")], [PriceRequest(symbol="A")], guard=guard)
    assert result.descriptions.rows() == [("A", "France", None, None)]


@pytest.mark.parametrize("kind", [UnknownSymbolError, SourceDownError])
def test_what_a_provider_says_of_a_failure_can_be_recorded(tmp_path, kind):
    guard = guard_at(tmp_path, Clock(), attempts=1)

    def put(source):
        raise kind(source.name, "A", f"no {HALF}")

    with pytest.raises(kind, match=r"no \\ud83d"):
        guard.ask(Scripted("one"), Question(kind="prices", about="A", key="A", put=put))
    assert guard.providers.health()["source"].to_list() == ["one"]
