"""Bodies that are JSON and odd all the same, of one symbol among others, through the real clients."""

import copy
import datetime as dt
import json
from dataclasses import replace

import pytest
from pydantic import SecretStr

from pipelines.sources.alphavantage import AlphaVantageSource
from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import GarbledAnswerError, MalformedAnswerError
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.fetch_descriptions import fetch_descriptions
from pipelines.sources.lookups import StatementKind
from pipelines.sources.yahoo import YahooSource
from tests.guards import Clock, guard_at
from tests.replay import Answer, ReplayServer, charts

DEEP = b"[" * 200_000
LONG = b'{"chart": ' + b"9" * 5000 + b"}"
START = dt.date(2024, 3, 4)


def asked(source, folder, *symbols):
    requests = [PriceRequest(symbol=symbol, start=START) for symbol in symbols]
    clock = Clock()
    return fetch_prices([source], requests, guard=guard_at(folder, clock, attempts=1), now=clock())


class _Overview(ReplayServer):
    """Says something else in the overviews of Alpha Vantage."""

    def __init__(self, changes):
        self._changes = changes
        super().__init__()

    def answer(self, target):
        said = super().answer(target)
        if "function=OVERVIEW" not in target:
            return said
        return replace(said, body=json.dumps(json.loads(said.body) | self._changes).encode())


def named(name):
    chart = copy.deepcopy(charts.written("LIVE"))
    chart["meta"] |= {"symbol": "ODD", "longName": name}
    return chart


def test_a_name_that_is_cut_off_within_a_character_is_known_as_far_as_it_goes(tmp_path, cache_dir):
    with ReplayServer(catalogues=[{"ODD": named("Odd \ud83d")}.get, charts.written]) as server:
        result = asked(YahooSource(base_url=server.url, cache_dir=cache_dir), tmp_path, "ODD", "LIVE")
    assert result.failures == ()
    assert dict(result.symbols.select("symbol", "name").rows())["ODD"] == "Odd"
    assert set(result.prices["symbol"]) == {"ODD", "LIVE"}


@pytest.mark.parametrize("body", [DEEP, LONG], ids=["deep", "a number of 5000 digits"])
def test_a_body_that_nobody_would_send_is_a_failure_of_its_symbol_alone(yahoo, replay, tmp_path, body):
    replay.fail_next("/chart/SPLITS", *[Answer(body=body)] * 3)
    result = asked(yahoo, tmp_path, "SPLITS", "LIVE")
    assert set(result.prices["symbol"]) == {"LIVE"}
    assert [(one.symbol, type(one.errors[0])) for one in result.failures] == [("SPLITS", GarbledAnswerError)]


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/v1/finance/search", lambda source: source.search("x")),
        ("/v1/finance/search", lambda source: source.news(PriceRequest(symbol="SPLITS"), limit=1)),
        (
            "/fundamentals-timeseries/",
            lambda source: source.statements(PriceRequest(symbol="SPLITS"), StatementKind.INCOME),
        ),
        ("/quoteSummary/", lambda source: source.describe(PriceRequest(symbol="SPLITS"))),
    ],
    ids=["search", "news", "statements", "description"],
)
def test_what_is_too_deep_is_garbled_whatever_was_asked(yahoo, replay, path, ask):
    replay.fail_next(path, *[Answer(body=DEEP)] * 9)
    with pytest.raises(GarbledAnswerError):
        ask(yahoo)


def test_a_description_without_a_text_is_one_without_it(yahoo, replay, tmp_path):
    profile = {"sector": "Cut \ud83d", "country": "\ud83d", "industry": "Toys"}
    replay.fail_next(
        "/quoteSummary/", Answer(body=json.dumps({"quoteSummary": {"result": [{"assetProfile": profile}]}}).encode())
    )
    guard = guard_at(tmp_path, Clock(), attempts=1)
    result = fetch_descriptions([yahoo], [PriceRequest(symbol="SPLITS")], guard=guard)
    assert result.descriptions.rows() == [("SPLITS", None, "Cut", "Toys")]


@pytest.mark.parametrize(
    ("changes", "failures"),
    [
        pytest.param({"Name": "Cut \ud83d"}, [], id="a name"),
        pytest.param({"Currency": "US\ud83d"}, [MalformedAnswerError], id="a currency"),
    ],
)
def test_alpha_vantage_cut_off_within_a_character(tmp_path, changes, failures):
    with _Overview(changes) as server:
        result = asked(AlphaVantageSource(key=SecretStr("secret"), base_url=server.url), tmp_path, "SPLITS")
    assert [type(one.errors[0]) for one in result.failures] == failures
    assert result.symbols["name"].to_list() == ([] if failures else ["Cut"])
