"""The real client against the replay server."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest
from pydantic import SecretStr

from pipelines.providers.health import provider_health
from pipelines.providers.limits import SECONDS, Limit, limits_of
from pipelines.sources.alphavantage import AlphaVantageSource
from pipelines.sources.base import Describer, PriceRequest
from pipelines.sources.errors import (
    BadKeyError,
    GarbledAnswerError,
    MalformedAnswerError,
    QuotaError,
    QuotaSpentError,
    RateLimitError,
    SourceDownError,
    TooFarBackError,
    UnknownSymbolError,
    UnsupportedError,
)
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.fetch_rates import fetch_rates
from pipelines.sources.lookups import STATEMENTS, NewsDesk, Reporter, Searcher, StatementKind
from pipelines.sources.yahoo import YahooSource
from tests.guards import Clock, guard_at
from tests.replay import Answer, Fault, alphavantage
from warehouse.settings import Settings

D = Decimal
NOW = dt.datetime(2024, 3, 12, 12, tzinfo=dt.UTC)


@pytest.fixture
def source(replay):
    return AlphaVantageSource(key=SecretStr("KEY-OF-TESTS"), base_url=replay.url, timeout=5)


def ask(source, symbol, *, now=NOW, **window):
    return source.prices(PriceRequest(symbol=symbol, **window), now=now)


def test_prices_dividends_splits_profile_and_quote(source):
    said = ask(source, "SPLITS")
    assert said.prices["close"].to_list()[:3] == [D(120), D("121.37"), D("60.55")]
    assert said.dividends.select("ex_date", "pay_date", "amount", "currency", "kind").rows() == [
        (dt.date(2024, 3, 5), None, D("0.82"), "USD", "cash"),
        (dt.date(2024, 3, 11), dt.date(2024, 3, 28), D("0.25"), "USD", "cash"),
    ]
    assert said.splits.select("ratio_new", "ratio_old").rows() == [(D(2), D(1)), (D(3), D(2))]
    assert (said.profile.name, said.profile.exchange, said.profile.asset_class) == (
        "Splits and Dividends Inc.",
        "XNAS",
        "Equity",
    )
    assert (said.quote.last_price, said.quote.previous_close) == (D("40.4"), D("40.25"))
    assert said.quote.last_price_at == dt.datetime(2024, 3, 11, 20, tzinfo=dt.UTC)


def test_both_providers_say_the_same_of_one_instrument(source, replay, tmp_path_factory):
    yahoo = YahooSource(base_url=replay.url, cache_dir=tmp_path_factory.mktemp("yahoo"), timeout=5)
    one, other = ask(source, "SPLITS"), ask(yahoo, "SPLITS")
    assert one.prices.equals(other.prices)
    assert one.splits.equals(other.splits)
    assert one.dividends.drop("pay_date").equals(other.dividends.drop("pay_date"))
    assert one.quote == other.quote


def test_pence_become_pounds_and_running_or_missing_sessions_are_no_history(source, replay):
    said = ask(source, "PENCE.L")
    assert said.prices.select("symbol", "date", "close", "volume", "currency").rows() == [
        ("PENCE.L", dt.date(2024, 3, 7), D("4.647"), None, "GBP"),
        ("PENCE.L", dt.date(2024, 3, 11), D("4.631"), 12345, "GBP"),
    ]
    assert said.prices["low"].to_list() == [D("4.599"), D("4.61025")]
    assert said.dividends["amount"].to_list() == [D("0.0825")]
    assert said.dropped_null_bars == 1
    assert (said.profile.price_unit, said.profile.exchange) == ("GBp", "XLON")
    # The session still trades: the quote is of now.
    assert (said.quote.last_price, said.quote.last_price_at, said.quote.previous_close) == (D("4.655"), NOW, D("4.631"))
    assert replay.asked("symbol=PENCE.LON") == 4
    assert replay.asked("OVERVIEW") == 0


def test_a_short_window_takes_the_short_answer(source, replay):
    start = NOW.date() - dt.timedelta(days=5)
    assert ask(source, "SPLITS", start=start).prices["date"].min() == start
    assert replay.asked("outputsize=compact") == 1
    ask(source, "SPLITS", start=NOW.date() - dt.timedelta(days=140))
    assert replay.asked("outputsize=full") == 1


def test_without_a_plan_the_last_hundred_sessions_are_taken(source, replay, monkeypatch, tmp_path):
    answer = replay.answer

    def refusing(target):
        said = answer(target)
        return Answer(body=alphavantage.refusal("premium")) if "outputsize=full" in target else said

    monkeypatch.setattr(replay, "answer", refusing)
    start = dt.date(2020, 1, 1)
    asked = [PriceRequest(symbol="SPLITS", start=start)]
    result = fetch_prices([source], asked, now=NOW, guard=guard_at(tmp_path, Clock()))
    assert result.prices.height == 6
    assert result.splits.height == 2
    (failure,) = result.failures
    assert str(failure).startswith("alphavantage about SPLITS: not that far back: The **outputsize=full** parameter")
    assert len(replay.requests) == 6


def test_an_unknown_symbol_costs_one_request(source, replay):
    with pytest.raises(
        UnknownSymbolError, match="alphavantage about NOSUCH: unknown symbol: Invalid API call"
    ) as raised:
        ask(source, "NOSUCH")
    assert type(raised.value) is UnknownSymbolError
    assert len(replay.requests) == 1


def test_no_price_is_read_without_a_currency(source, replay):
    daily = alphavantage.body({"function": "TIME_SERIES_DAILY", "symbol": "SPLITS", "apikey": "x"})
    replay.fail_next("/query", Answer(body=daily.replace(b'"SPLITS"', b'"nosuch.dex"')))
    with pytest.raises(MalformedAnswerError, match="currency"):
        ask(source, "NOSUCH.DEX")


@pytest.mark.parametrize("function", ["TIME_SERIES_DAILY", "DIVIDENDS", "SPLITS", "GLOBAL_QUOTE", "OVERVIEW"])
def test_an_answer_about_another_instrument_is_none(source, replay, monkeypatch, function):
    answer = replay.answer

    def of_another(target):
        said = answer(target)
        return Answer(body=said.body.replace(b'"SPLITS"', b'"ZED"')) if f"function={function}&" in target else said

    monkeypatch.setattr(replay, "answer", of_another)
    with pytest.raises(MalformedAnswerError, match=f"{function}: an answer about ZED"):
        ask(source, "SPLITS")


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        ("invalid_call", UnknownSymbolError),
        ("invalid_inputs", UnknownSymbolError),
        ("empty", UnknownSymbolError),
        ("bad_key", BadKeyError),
        ("demo_key", BadKeyError),
        ("quota", QuotaError),
        ("burst", RateLimitError),
        ("note", RateLimitError),
        ("premium", TooFarBackError),
        ("no_function", UnsupportedError),
        ("new_wording", MalformedAnswerError),
        ("quota_in_new_words", QuotaError),
        ("no_matches", MalformedAnswerError),
    ],
)
def test_refusals_with_status_200_are_told_apart(source, replay, body, trouble):
    replay.fail_next("/query", Answer(body=alphavantage.refusal(body)))
    with pytest.raises(trouble) as raised:
        ask(source, "SPLITS")
    assert type(raised.value) is trouble
    assert (raised.value.source, raised.value.symbol) == ("alphavantage", "SPLITS")
    assert "\n" not in str(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        ("invalid_api_call", UnknownSymbolError),
        ("invalid_or_missing_apikey", BadKeyError),
        ("note_5_per_minute", RateLimitError),
        ("premium_information", UnsupportedError),
        ("rate_limit_information", QuotaError),
    ],
)
def test_recorded_refusals_are_told_apart(source, replay, body, trouble):
    replay.fail_next("/query", Answer(body=(alphavantage.RECORDINGS / "errors" / f"{body}.json").read_bytes()))
    with pytest.raises(trouble) as raised:
        ask(source, "SPLITS")
    assert type(raised.value) is trouble


def test_todays_quota_is_not_asked_for_again(source, replay, tmp_path):
    replay.fail_next("/query", Answer(body=alphavantage.refusal("quota")))
    clock = Clock()
    result = fetch_prices([source], [PriceRequest(symbol="SPLITS")], now=NOW, guard=guard_at(tmp_path, clock))
    (error,) = result.failures[0].errors
    assert (type(error), error.renewed_within) == (QuotaError, dt.timedelta(days=1))
    assert (clock.waits, len(replay.requests)) == ([], 1)


def test_a_quota_that_is_used_up_is_left_alone_for_an_hour_and_nothing_is_left_of_it(source, replay, tmp_path):
    replay.fail_next("/query", Answer(body=alphavantage.refusal("quota")))
    clock, limits = Clock(), {"alphavantage": (Limit(25, 86_400),)}

    def ask_again():
        guard = guard_at(tmp_path, clock, limits=limits)
        said = fetch_prices([source], [PriceRequest(symbol="SPLITS")], now=NOW, guard=guard)
        left = provider_health(guard.providers, limits, asked=frozenset({"alphavantage"}), now=clock.now)["quota_left"]
        return [str(one.errors[0]) for one in said.failures], len(replay.requests), left.item()

    ask_again()
    clock.pass_by(75)
    (said,), sent, left = ask_again()
    assert "left alone: quota used up: " in said
    assert (sent, left) == (1, 0)
    clock.pass_by(3600)
    assert ask_again()[0] == []


def test_a_burst_is_waited_for(source, replay, tmp_path):
    replay.fail_next("/query", Answer(body=alphavantage.refusal("burst")))
    clock = Clock()
    result = fetch_prices([source], [PriceRequest(symbol="SPLITS")], now=NOW, guard=guard_at(tmp_path, clock))
    assert (result.failures, len(clock.waits)) == ((), 1)
    assert set(result.prices["source"]) == {"alphavantage"}


def refuse_once(monkeypatch, replay, part):
    """Refuse the first request that has a part in its address, as one too many in a second."""
    answer, left = replay.answer, [Answer(body=alphavantage.refusal("burst"))]

    def refusing(target):
        said = answer(target)
        return left.pop() if part in target and left else said

    monkeypatch.setattr(replay, "answer", refusing)


@pytest.mark.parametrize("function", ["DAILY", "OVERVIEW", "DIVIDENDS", "function=SPLITS", "QUOTE"])
def test_what_was_answered_is_not_asked_again_after_a_burst(source, replay, monkeypatch, tmp_path, function):
    refuse_once(monkeypatch, replay, function)
    clock = Clock()
    result = fetch_prices([source], [PriceRequest(symbol="SPLITS")], now=NOW, guard=guard_at(tmp_path, clock))
    assert (result.failures, len(clock.waits), len(replay.requests)) == ((), 1, 6)


def test_rates_that_were_answered_are_not_asked_again_after_a_burst(source, replay, monkeypatch, tmp_path):
    refuse_once(monkeypatch, replay, "to_symbol=TWX")
    days = dt.date(2024, 3, 1), dt.date(2024, 3, 6)
    result = fetch_rates([source], ["TWD", "TWX"], *days, guard=guard_at(tmp_path, Clock()), now=NOW)
    assert set(result.rates["currency"]) == {"TWD"}
    assert (replay.asked("to_symbol=TWD"), replay.asked("to_symbol=TWX")) == (1, 2)


def test_by_default_no_request_comes_within_a_second_of_another(source, replay, monkeypatch, tmp_path):
    clock, sent, answer = Clock(), [], replay.answer

    def timed(target):
        sent.append(clock())
        return answer(target)

    monkeypatch.setattr(replay, "answer", timed)
    asked = [PriceRequest(symbol="SPLITS"), PriceRequest(symbol="PENCE.L")]
    limited = guard_at(tmp_path, clock, limits=limits_of(Settings(_env_file=None)))
    assert fetch_prices([source], asked, now=NOW, guard=limited).failures == ()
    assert len(sent) == 10
    assert min(late - early for early, late in pairwise(sent)) >= dt.timedelta(seconds=1)
    assert sent[-1] - sent[0] < dt.timedelta(seconds=11)


def test_each_of_its_five_requests_is_counted(source, replay, tmp_path):
    limited = guard_at(tmp_path, Clock(), limits={"alphavantage": (Limit(5, SECONDS["day"]),)})
    asked = [PriceRequest(symbol="SPLITS"), PriceRequest(symbol="PENCE.L")]
    result = fetch_prices([source], asked, now=NOW, guard=limited)
    (failure,) = result.failures
    assert (len(replay.requests), failure.symbol) == (5, "PENCE.L")
    assert isinstance(failure.errors[0], QuotaSpentError)


@pytest.mark.parametrize(
    ("fault", "trouble", "said"),
    [
        (Fault("limited"), RateLimitError, "HTTP 429"),
        (Answer(status=401), BadKeyError, "HTTP 401"),
        (Answer(status=302, headers={"Location": "http://127.0.0.1:9/"}), SourceDownError, "HTTP 302"),
        (Fault("forbidden"), SourceDownError, "HTTP 403"),
        (Fault("down"), SourceDownError, "HTTP 503"),
        (Fault("maintenance"), GarbledAnswerError, "no JSON"),
        (Fault("malformed"), GarbledAnswerError, "no JSON"),
        (Fault("cut"), SourceDownError, "ChunkedEncodingError"),
        (Answer(body=b"[1]"), GarbledAnswerError, "no JSON object"),
        (Answer(body=b"[" * 100_000), GarbledAnswerError, "no JSON"),
        (Answer(body=b'{"Time Series (Daily)": {"2024-03-01": {"4. close": "1.2e"}}}'), MalformedAnswerError, "close"),
        (Answer(body=b'{"Time Series (Daily)": {"2024-03-01": {"4. close": NaN}}}'), MalformedAnswerError, "close"),
    ],
)
def test_broken_answers_are_told_apart(source, replay, fault, trouble, said):
    replay.fail_next("/query", fault)
    with pytest.raises(trouble, match=said) as raised:
        ask(source, "SPLITS")
    assert type(raised.value) is trouble
    assert raised.value.__context__ is None


def test_a_slow_answer_is_down(replay):
    replay.fail_next("/query", Fault("slow"))
    slow = AlphaVantageSource(key=SecretStr("KEY-OF-TESTS"), base_url=replay.url, timeout=0.2)
    with pytest.raises(SourceDownError, match=r"timed out after 0\.2 seconds"):
        ask(slow, "SPLITS")


def test_rates_are_of_days_that_are_over(source):
    days = dt.date(2024, 3, 1), dt.date(2024, 3, 6)
    assert source.rates(["XXX", "TWD", "EUR"], *days).rows() == [
        ("TWD", dt.date(2024, 3, 4), D("34.21222")),
        ("TWD", dt.date(2024, 3, 5), D("34.3218")),
    ]
    later = source.rates(["TWD"], days[0], dt.date(2024, 3, 9))
    assert later["date"].max() == dt.date(2024, 3, 6)


def test_an_old_window_of_rates_takes_the_long_answer(source, replay):
    assert source.rates(["TWD"], dt.date(2024, 2, 1), dt.date(2024, 3, 4)).height == 1
    assert [replay.asked(f"outputsize={size}") for size in ("compact", "full")] == [1, 1]


def test_what_is_behind_an_instrument(source):
    described = source.describe(PriceRequest(symbol="SPLITS"))
    assert (described.country, described.sector, described.industry) == (
        "United States",
        "Technology",
        "Semiconductors",
    )
    assert source.describe(PriceRequest(symbol="PENCE.L")).country == "United Kingdom"
    assert source.describe(PriceRequest(symbol="NOSUCH")).country is None


def test_it_is_all_that_a_source_can_be(source):
    for protocol in (Describer, Searcher, Reporter, NewsDesk):
        assert isinstance(source, protocol)


def test_a_search_finds_listings_with_their_currency(source):
    found = source.search("pence")
    assert [(match.symbol, match.exchange, match.currency, match.asset_class) for match in found] == [
        ("PENCE.L", "XLON", "GBP", "Equity"),
        ("PNC.DE", "XETR", "EUR", "Equity"),
        ("PENX", None, "USD", "ETF"),
    ]
    assert found[0].score == pytest.approx(0.8889)
    assert source.search("nothing at all") == ()


def test_statements_are_exact_and_what_is_missing_is_no_row(source):
    income = source.statements(PriceRequest(symbol="SPLITS"), StatementKind.INCOME)
    assert income.schema == STATEMENTS
    assert income.select("statement", "period", "ended_on", "item", "amount").rows() == [
        ("income", "annual", dt.date(2023, 12, 31), "net_income", D("2500000.50")),
        ("income", "annual", dt.date(2023, 12, 31), "total_revenue", D(1_100_000_000)),
        ("income", "annual", dt.date(2022, 12, 31), "net_income", D(-1_500_000)),
        ("income", "annual", dt.date(2022, 12, 31), "total_revenue", D(1_000_000_000)),
        ("income", "quarterly", dt.date(2023, 12, 31), "total_revenue", D(300_000_000)),
    ]
    assert source.statements(PriceRequest(symbol="SPLITS"), StatementKind.BALANCE)["amount"].max() == D(5_000_000_000)
    cash = source.statements(PriceRequest(symbol="SPLITS"), StatementKind.CASH_FLOW)
    assert cash.select("item", "currency").rows() == [("operating_cashflow", "USD")]
    with pytest.raises(UnknownSymbolError):
        source.statements(PriceRequest(symbol="NOSUCH"), StatementKind.INCOME)


def test_news_are_the_newest_first(source):
    latest, earlier = source.news(PriceRequest(symbol="SPLITS"), limit=5)
    assert (latest.title, latest.sentiment, latest.summary, latest.symbols) == ("Splits pays", None, None, ())
    assert (earlier.title, earlier.sentiment, earlier.symbols) == ("Splits splits", 0.154511, ("SPLITS",))
    assert earlier.published_at == dt.datetime(2024, 3, 8, 12, 30, 1, tzinfo=dt.UTC)
    assert len(source.news(PriceRequest(symbol="SPLITS"), limit=1)) == 1
    with pytest.raises(UnknownSymbolError):
        source.news(PriceRequest(symbol="NOSUCH"), limit=1)


@pytest.mark.recorded
def test_a_recorded_series_of_twenty_five_years(source):
    said = ask(source, "IBM", now=dt.datetime(2024, 6, 22, 12, tzinfo=dt.UTC))
    assert said.prices.height == 6199
    assert said.prices.row(0)[:2] == ("IBM", dt.date(1999, 11, 1))
    assert said.prices["close"].to_list()[0] == D("96.75")
    assert said.prices["close"].to_list()[-1] == D("172.46")
    assert said.dividends.filter(said.dividends["pay_date"].is_not_null())["amount"].to_list()[-1] == D("1.67")
    assert (said.profile.name, said.profile.exchange) == ("International Business Machines", "XNYS")
    assert said.quote is None


@pytest.mark.recorded
def test_a_recorded_pair(source):
    rates = source.rates(["AUD"], dt.date(2021, 1, 1), dt.date(2021, 1, 11))
    assert rates.rows()[-1] == ("AUD", dt.date(2021, 1, 11), D("1.57823"))


@pytest.mark.recorded
def test_recorded_lookups(source):
    assert source.search("BA")[3].currency == "HKD"
    assert source.describe(PriceRequest(symbol="AAPL")).industry == "Consumer Electronics"
    income = source.statements(PriceRequest(symbol="AAPL"), StatementKind.INCOME)
    first = {item: amount for ended_on, item, amount in income.select("ended_on", "item", "amount").head(30).rows()}
    assert first["total_revenue"] == D(416_161_000_000)
    assert "depreciation" not in first
