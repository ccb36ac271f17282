"""Who calls a symbol unknown that another provider has answered."""

from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import SourceDownError
from pipelines.sources.fetch import fetch_prices
from tests.guards import Clock, guard_at
from tests.unit.sources.test_fetch import NOW, Scripted


def test_an_answer_says_who_did_not_know_the_symbol(tmp_path):
    sources = [Scripted("one", B=2, C=SourceDownError), Scripted("two"), Scripted("three", A=1, C=3)]
    requests = [PriceRequest(symbol=symbol) for symbol in "ABCD"]
    result = fetch_prices(sources, requests, guard=guard_at(tmp_path, Clock(), attempts=1), now=NOW)
    assert result.unknown_to == {"A": ("one", "two"), "C": ("two",)}
    assert [failure.symbol for failure in result.failures] == ["D"]
