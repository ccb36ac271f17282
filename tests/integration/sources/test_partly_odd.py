"""Answers of Yahoo of which a part cannot be right, or which are of something else: what of them is taken."""

import copy
import datetime as dt
import json
from decimal import Decimal

import pytest

from pipelines.sources.base import Description, PriceRequest
from pipelines.sources.errors import MalformedAnswerError
from pipelines.sources.lookups import StatementKind
from pipelines.sources.yahoo import YahooSource
from tests.guards import NOON
from tests.replay import Answer, ReplayServer, charts

D = Decimal
SPLITS = PriceRequest(symbol="SPLITS")
SEARCH = "/v1/finance/search"
ARTICLE = {
    "title": "Sound",
    "link": "https://news.example/1",
    "providerPublishTime": 1_710_147_600,
    "relatedTickers": ["SPLITS"],
}


def body(said):
    return Answer(body=json.dumps(said).encode())


@pytest.mark.parametrize("bad", [{"symbol": ["BAD"]}, "AAPL", {"symbol": "B\ud800D"}, {"symbol": "B", "longname": 5}])
def test_one_bad_find_does_not_cost_the_others(yahoo, replay, bad):
    replay.fail_next(SEARCH, body({"quotes": [bad, {"symbol": "GOOD", "longname": "Good"}]}))
    assert [(match.symbol, match.name) for match in yahoo.search("x")] == [("GOOD", "Good")]


def test_finds_of_which_none_can_be_read_are_no_answer(yahoo, replay):
    replay.fail_next(SEARCH, body({"quotes": [{"symbol": ["BAD"]}]}))
    with pytest.raises(MalformedAnswerError, match="symbol"):
        yahoo.search("x")


@pytest.mark.parametrize(
    "change",
    [
        {"title": None},
        {"providerPublishTime": "2024"},
        {"providerPublishTime": 2024},
        {"providerPublishTime": None},
        {"providerPublishTime": 10**15},
        {"link": "javascript:alert(1)"},
        {"relatedTickers": None},
        {"relatedTickers": "SPLITS"},
    ],
)
def test_one_bad_article_does_not_cost_the_others(yahoo, replay, change):
    replay.fail_next(SEARCH, body({"news": [ARTICLE | change, ARTICLE]}))
    (article,) = yahoo.news(SPLITS, limit=5)
    assert (article.title, article.published_at) == ("Sound", dt.datetime(2024, 3, 11, 9, tzinfo=dt.UTC))


def test_articles_that_are_about_nothing_are_no_news(yahoo, replay):
    replay.fail_next(SEARCH, body({"news": [ARTICLE | {"relatedTickers": None}]}))
    assert yahoo.news(SPLITS, limit=5) == ()


def statement(*values, symbol="SPLITS"):
    told = [{"asOfDate": "2023-12-31", "currencyCode": "USD", "reportedValue": {"raw": raw}} for raw in values]
    line = {"meta": {"symbol": [symbol], "type": ["annualTotalRevenue"]}, "timestamp": [1_703_980_800]}
    return body({"timeseries": {"result": [line | {"annualTotalRevenue": told}], "error": None}})


def test_statements_of_something_else_are_refused(yahoo, replay):
    replay.fail_next("/fundamentals-timeseries/", *[statement(1, symbol="OTHER")] * 2)
    with pytest.raises(MalformedAnswerError, match="of OTHER"):
        yahoo.statements(SPLITS, StatementKind.INCOME)


@pytest.mark.parametrize(
    ("values", "amounts"), [((1, 2), [D(2)]), ((1, None), [D(1)]), ((None,), [])], ids=["two", "one", "none"]
)
def test_of_one_day_there_is_one_value(yahoo, replay, values, amounts):
    replay.fail_next("/fundamentals-timeseries/", *[statement(*values, symbol="splits")] * 2)
    assert yahoo.statements(SPLITS, StatementKind.INCOME)["amount"].to_list() == amounts


def test_a_description_is_of_texts(yahoo, replay):
    profile = {"sector": {"raw": 1}, "country": ["x"], "industry": " Toys "}
    replay.fail_next("/quoteSummary/", body({"quoteSummary": {"result": [{"assetProfile": profile}]}}))
    assert yahoo.describe(SPLITS) == Description(industry="Toys")


def told_as(name, told, cache_dir):
    """Return the closes of a chart that is asked for by a name and told by another one."""
    chart = copy.deepcopy(charts.written("LIVE"))
    chart["meta"]["symbol"] = told
    with ReplayServer(catalogues=[{name.upper(): chart}.get]) as server:
        source = YahooSource(base_url=server.url, cache_dir=cache_dir)
        return source.prices(PriceRequest(symbol="MINE", provider_symbol=name), now=NOON).prices.height


def test_a_chart_of_something_else_is_refused(cache_dir):
    with pytest.raises(MalformedAnswerError, match=r"about FB: .*a chart of META; .*folio rename"):
        told_as("FB", "META", cache_dir)


@pytest.mark.parametrize(("name", "told"), [("live", "LIVE"), ("LIVE", "live"), ("USDINR=X", "INR=X"), ("LIVE", None)])
def test_a_chart_is_of_what_was_asked_for_in_whatever_case(cache_dir, name, told):
    assert told_as(name, told, cache_dir) > 0
