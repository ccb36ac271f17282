"""Yahoo's search, statements and news: the real client against the replay server."""

import datetime as dt
from decimal import Decimal

import pytest

from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import (
    GarbledAnswerError,
    MalformedAnswerError,
    RateLimitError,
    SourceDownError,
    UnknownSymbolError,
)
from pipelines.sources.lookups import STATEMENTS, NewsDesk, Reporter, Searcher, StatementKind
from tests.replay import Answer, Fault

D = Decimal
SPLITS = PriceRequest(symbol="SPLITS")


def test_it_answers_what_people_ask(yahoo):
    for protocol in (Searcher, Reporter, NewsDesk):
        assert isinstance(yahoo, protocol)


def test_a_search_finds_instruments_and_nothing_else(yahoo):
    found = yahoo.search("dividends")
    assert [(match.symbol, match.name, match.exchange, match.asset_class) for match in found] == [
        ("SPLITS", "Splits and Dividends Inc.", "XNAS", "Equity"),
        ("SPL.DE", "SPLITS R", "XETR", "ETF"),
    ]
    assert yahoo.search("nothing at all") == ()


def test_news_are_of_the_very_instrument_the_newest_first(yahoo):
    titles = [article.title for article in yahoo.news(SPLITS, limit=5)]
    assert titles == ["Splits pays", "Three for two"]
    (latest,) = yahoo.news(SPLITS, limit=1)
    assert latest.published_at == dt.datetime(2024, 3, 11, 9, tzinfo=dt.UTC)


def test_statements_are_exact(yahoo):
    income = yahoo.statements(SPLITS, StatementKind.INCOME)
    assert income.schema == STATEMENTS
    assert income.select("period", "ended_on", "currency", "item", "amount").rows() == [
        ("annual", dt.date(2023, 12, 31), "USD", "diluted_eps", D("0.1")),
        ("annual", dt.date(2023, 12, 31), "USD", "total_revenue", D(1_100_000_000)),
        ("annual", dt.date(2022, 12, 31), "USD", "total_revenue", D(1_000_000_000)),
        ("quarterly", dt.date(2023, 12, 31), "USD", "total_revenue", D(300_000_000)),
    ]


def test_nothing_reported_is_unknown(yahoo):
    with pytest.raises(UnknownSymbolError, match="no statements"):
        yahoo.statements(PriceRequest(symbol="NOSUCH"), StatementKind.BALANCE)


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault("limited"), RateLimitError),
        (Fault("down"), SourceDownError),
        (Fault("maintenance"), SourceDownError),
        (Fault("malformed"), GarbledAnswerError),
        (Answer(body=b'{"quotes": 1}'), MalformedAnswerError),
    ],
)
def test_failures_are_told_apart(yahoo, replay, fault, trouble):
    replay.fail_next("/v1/finance/search", *[fault] * 3)
    with pytest.raises(trouble) as raised:
        yahoo.search("dividends")
    assert type(raised.value) is trouble


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault("limited"), RateLimitError),
        (Fault("down"), SourceDownError),
        (Fault("malformed"), GarbledAnswerError),
        (Answer(body=b'{"timeseries": {"result": [{"annualX": [{"asOfDate": "x"}]}]}}'), MalformedAnswerError),
    ],
)
def test_failures_of_statements_are_told_apart(yahoo, replay, fault, trouble):
    replay.fail_next("/fundamentals-timeseries/", *[fault] * 9)
    with pytest.raises(trouble) as raised:
        yahoo.statements(SPLITS, StatementKind.CASH_FLOW)
    assert type(raised.value) is trouble


@pytest.mark.recorded
def test_recorded_lookups(yahoo):
    assert yahoo.search("AAPL")[0].name == "Apple Inc."
    income = yahoo.statements(PriceRequest(symbol="7203.T"), StatementKind.INCOME)
    revenue = income.filter(item="total_revenue", ended_on=dt.date(2023, 3, 31))
    assert revenue.select("currency", "amount").rows() == [("JPY", D(37_154_298_000_000))]
    assert all("AAPL" in article.symbols for article in yahoo.news(PriceRequest(symbol="AAPL"), limit=8))
