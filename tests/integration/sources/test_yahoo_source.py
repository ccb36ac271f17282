"""The real client against the replay server."""

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal

import polars as pl
import pytest

from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import (
    GarbledAnswerError,
    MalformedAnswerError,
    RateLimitError,
    SourceDownError,
    UnknownSymbolError,
)
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.fetch_descriptions import fetch_descriptions
from pipelines.sources.yahoo import YahooSource
from tests.guards import Clock, guard_at
from tests.replay import Answer, Fault, ReplayServer, charts

D = Decimal
NOW = dt.datetime(2024, 3, 12, 12, tzinfo=dt.UTC)


@pytest.fixture
def guard(tmp_path):
    return lambda **patience: guard_at(tmp_path, Clock(), **patience)


def ask(source, symbol, *, now=NOW, **window):
    return source.prices(PriceRequest(symbol=symbol, **window), now=now)


def test_prices_dividends_splits_profile_and_quote(yahoo):
    said = ask(yahoo, "SPLITS")
    assert said.prices["close"].to_list()[:3] == [D(120), D("121.37"), D("60.55")]
    assert said.dividends["amount"].to_list() == [D("0.82"), D("0.25")]
    assert said.splits["ratio_new"].to_list() == [D(2), D(3)]
    assert (said.profile.name, said.profile.exchange) == ("Splits and Dividends Inc.", "XNAS")
    assert said.quote.last_price == D("40.4")


def test_a_window_before_a_split_is_as_traded(yahoo):
    said = ask(yahoo, "SPLITS", start=dt.date(2024, 3, 5), end=dt.date(2024, 3, 5))
    assert said.prices.select("date", "close", "volume").rows() == [(dt.date(2024, 3, 5), D("121.37"), 2000)]
    assert said.splits["ex_date"].to_list() == [dt.date(2024, 3, 6), dt.date(2024, 3, 8)]


def test_the_provider_is_asked_by_its_own_name(yahoo, replay):
    said = ask(yahoo, "PENCE", provider_symbol="PENCE.L")
    assert set(said.prices["symbol"]) == {"PENCE"}
    assert replay.asked("/chart/PENCE.L?") > 0


def test_an_instrument_that_was_never_asked_for_costs_one_question(yahoo, replay):
    ask(yahoo, "TWD=X")
    assert replay.asked("/chart/TWD=X?") == 1


def test_of_a_day_long_past_the_splits_until_now_count(yahoo):
    early = dt.datetime(2024, 3, 4, 23, tzinfo=dt.UTC)
    assert ask(yahoo, "SPLITS", now=early, end=early.date()).prices["close"].to_list() == [D(120)]


def test_an_empty_window_is_no_failure(yahoo):
    said = ask(yahoo, "SPLITS", start=dt.date(2024, 3, 12))
    assert said.prices.is_empty()
    assert said.quote.last_price == D("40.4")


@pytest.mark.parametrize(
    ("symbol", "trouble"),
    [
        ("NOSUCH", UnknownSymbolError),
        ("LIMITED", RateLimitError),
        ("MALFORMED", GarbledAnswerError),
        ("CUT", SourceDownError),
        ("DOWN", SourceDownError),
        ("MAINTENANCE", SourceDownError),
        ("FORBIDDEN", SourceDownError),
    ],
)
def test_failures_are_told_apart(yahoo, symbol, trouble):
    for _ in range(2):  # whatever was asked before
        with pytest.raises(trouble) as raised:
            ask(yahoo, symbol, start=dt.date(2024, 3, 1))
        assert (raised.value.source, raised.value.symbol) == ("yahoo", symbol)
        assert type(raised.value) is trouble


def refusal(code, description):
    error = {"code": code, "description": description}
    return Answer(status=400, body=json.dumps({"chart": {"result": None, "error": error}}).encode())


def test_a_window_that_yahoo_says_is_empty_is_empty(yahoo, replay):
    ask(yahoo, "LIVE")
    replay.fail_next("/chart/LIVE", *[refusal("Bad Request", "Data doesn't exist for startDate = 1")] * 2)
    said = ask(yahoo, "LIVE", start=dt.date(2024, 3, 1))
    assert (said.prices.height, said.profile, said.quote) == (0, None, None)


def test_a_chart_without_a_session_of_days_that_are_stored_is_a_failure(cache_dir, guard):
    chart = charts.written("LIVE")
    empty = {"meta": chart["meta"] | {"symbol": "SILENT", "firstTradeDate": 1709562600}, "indicators": {"quote": [{}]}}
    asked = PriceRequest(symbol="SILENT", start=dt.date(2024, 3, 1), end=NOW.date(), stored_until=dt.date(2024, 3, 8))
    with ReplayServer(catalogues=[lambda name: empty if name == "SILENT" else None]) as server:
        source = YahooSource(base_url=server.url, cache_dir=cache_dir)
        assert ask(source, "SILENT", start=dt.date(2024, 3, 1)).first_traded == dt.date(2024, 3, 4)
        result = fetch_prices([source], [asked], guard=guard(), now=NOW)
    assert [str(failure) for failure in result.failures] == [
        "yahoo about SILENT: no prices: not one from 2024-03-01 to 2024-03-12"
    ]


def test_any_other_refusal_is_passed_on(yahoo, replay):
    ask(yahoo, "LIVE")
    replay.fail_next("/chart/LIVE", *[refusal("Bad Request", "Invalid input")] * 2)
    with pytest.raises(MalformedAnswerError, match="Bad Request: Invalid input"):
        ask(yahoo, "LIVE", start=dt.date(2024, 3, 1))


def altered(symbol, **changes):
    """Return a catalogue of one chart under a name that no cache knows."""
    chart = json.loads(json.dumps(charts.written("LIVE")))
    chart["meta"] |= {"symbol": symbol} | changes.pop("meta", {})
    chart["indicators"]["quote"][0] |= changes
    return lambda name: chart if name == symbol else None


@pytest.mark.parametrize(
    ("symbol", "changes", "where"),
    [
        ("HUGE", {"close": [1e12, 1.0, 1.0]}, r"a price of 1e\+12"),
        ("NOWHERE", {"meta": {"exchangeTimezoneName": "Mars/Olympus"}}, "no such time zone"),
        ("QUARTERS", {"meta": {"dataGranularity": "3mo"}}, "dataGranularity"),
    ],
)
def test_what_cannot_be_right_is_malformed(cache_dir, symbol, changes, where):
    with (
        ReplayServer(catalogues=[altered(symbol, **changes)]) as server,
        pytest.raises(MalformedAnswerError, match=where),
    ):
        ask(YahooSource(base_url=server.url, cache_dir=cache_dir), symbol)


def test_nobody_there_is_down(cache_dir):
    with ReplayServer() as gone:
        url = gone.url
    with pytest.raises(SourceDownError):
        ask(YahooSource(base_url=url, cache_dir=cache_dir), "SPLITS")


def test_a_slow_answer_is_down(replay, cache_dir):
    with pytest.raises(SourceDownError, match="timed out"):
        ask(YahooSource(base_url=replay.url, cache_dir=cache_dir, timeout=0.2), "SLOW", start=dt.date(2024, 3, 1))


def test_a_failure_is_not_remembered(yahoo, replay):
    replay.fail_next("/chart/LIVE", *[Fault("down")] * 9)
    with pytest.raises(SourceDownError):
        ask(yahoo, "LIVE")
    replay.heal()
    assert ask(yahoo, "LIVE").prices.height == 3


def test_two_addresses_do_not_share_answers(cache_dir):
    def other(symbol):
        chart = charts.written("LIVE")
        return {**chart, "meta": {**chart["meta"], "longName": "Another one"}} if symbol == "LIVE" else None

    with ReplayServer() as one, ReplayServer(catalogues=[other]) as two:
        names = [ask(YahooSource(base_url=at.url, cache_dir=cache_dir), "LIVE").profile.name for at in (one, two, one)]
    assert names == ["Live Corp.", "Another one", "Live Corp."]


def test_many_symbols_some_broken(yahoo, guard):
    requests = [PriceRequest(symbol=symbol) for symbol in ("SPLITS", "NOSUCH", "LIMITED", "PENCE.L", "CUT", "LIVE")]
    result = fetch_prices([yahoo], requests, guard=guard(attempts=2), now=NOW)
    assert set(result.prices["symbol"]) == {"SPLITS", "PENCE.L", "LIVE"}
    assert {failure.symbol: type(failure.errors[0]) for failure in result.failures} == {
        "NOSUCH": UnknownSymbolError,
        "LIMITED": RateLimitError,
        "CUT": SourceDownError,
    }
    assert result.dropped_null_bars == {"PENCE.L": 1}


def test_a_rate_limit_that_passes_is_waited_for(yahoo, replay, guard):
    replay.fail_next("/chart/LIVE", *[Fault("limited")] * 3)
    result = fetch_prices([yahoo], [PriceRequest(symbol="LIVE")], guard=guard(), now=NOW)
    assert result.failures == ()
    assert result.prices.height == 3


def test_rates_go_through_the_dollar(yahoo):
    rates = yahoo.rates(["TWD", "USD", "XXX"], dt.date(2024, 3, 4), dt.date(2024, 3, 6))
    assert rates.rows() == [
        ("TWD", dt.date(2024, 3, 4), D("1.085069") * D("31.53")),
        ("TWD", dt.date(2024, 3, 5), D("1.085776") * D("31.61")),
        ("USD", dt.date(2024, 3, 4), D("1.085069")),
        ("USD", dt.date(2024, 3, 5), D("1.085776")),
    ]


def test_what_is_behind_an_instrument(yahoo, guard):
    requests = [PriceRequest(symbol=symbol) for symbol in ("SPLITS", "NOSUCH")]
    result = fetch_descriptions([yahoo], requests, guard=guard())
    assert result.failures == ()
    assert result.descriptions.rows() == [
        ("SPLITS", "United States", "Technology", "Semiconductors"),
        ("NOSUCH", None, None, None),
    ]


@pytest.mark.recorded
def test_recorded_descriptions(yahoo, guard):
    result = fetch_descriptions([yahoo], [PriceRequest(symbol=name) for name in ("TSCO.L", "QQQ")], guard=guard())
    assert result.descriptions.rows()[0] == ("TSCO.L", "United Kingdom", "Consumer Defensive", "Grocery Stores")


@pytest.mark.parametrize(("fault", "trouble"), [("down", SourceDownError), ("malformed", GarbledAnswerError)])
def test_a_description_that_fails_says_so(yahoo, replay, fault, trouble):
    replay.fail_next("/quoteSummary/SPLITS", *[Fault(fault)] * 2)
    with pytest.raises(trouble):
        yahoo.describe(PriceRequest(symbol="SPLITS"))


def test_a_description_waits_for_a_rate_limit_to_pass(yahoo, replay, guard):
    replay.fail_next("/quoteSummary/SPLITS", *[Fault("limited")] * 2)
    result = fetch_descriptions([yahoo], [PriceRequest(symbol="SPLITS")], guard=guard())
    assert result.descriptions["sector"].to_list() == ["Technology"]


@pytest.mark.parametrize("symbol", ["AAPL", "AMZN", "GOOG", "NFLX", "NVDA"])
def test_restated_history_comes_back_as_it_is_bundled(yahoo, symbol):
    """Ten years, restated by the server as Yahoo restates them, come back to the last digit."""
    now = dt.datetime(2022, 12, 29, 12, tzinfo=dt.UTC)
    said = ask(yahoo, symbol, now=now)
    for name, frame in (("prices", said.prices), ("dividends", said.dividends), ("splits", said.splits)):
        bundled = pl.read_parquet(charts.DEMO / f"{name}.parquet").filter(pl.col("symbol") == symbol)
        assert frame.sort(frame.columns[1]).equals(bundled.select(frame.columns).sort(frame.columns[1])), name


def test_the_client_is_imported_only_when_asked():
    code = (
        "import sys; from pipelines.sources import registry, fetch;"
        "print([name for name in ('yfinance', 'pandas', 'curl_cffi') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
