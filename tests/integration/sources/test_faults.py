"""What providers get wrong, through the real client: the right rows, or a failure that says what it is.

What breaks on the way (no connection, a burst of errors, too many requests) and what is shared between processes is in
`test_resilience`; single refusals are in `test_yahoo_source` and `test_alphavantage_source`.
"""

import copy
import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import MalformedAnswerError, SourceDownError, UnknownSymbolError
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.yahoo import YahooSource
from tests.guards import Clock, guard_at
from tests.replay import Answer, Fault, ReplayServer, charts

D = Decimal
ROOT = Path(__file__).parents[3]
START = dt.date(2024, 3, 4)


class Provider:
    """Yahoo's client in front of a server that says of one symbol what the test wants, and of LIVE the truth."""

    def __init__(self, folder, cache_dir):
        self.chart = copy.deepcopy(charts.written("LIVE"))
        self.chart["meta"]["symbol"] = "ODD"
        self.bars = self.chart["indicators"]["quote"][0]
        self.server = ReplayServer(catalogues=[lambda name: self.chart if name == "ODD" else None, *_OTHERS])
        self.clock = Clock()
        self._folder, self._cache_dir = folder, cache_dir

    def fetch(self, *symbols, end=None, **patience):
        source = YahooSource(base_url=self.server.url, cache_dir=self._cache_dir, timeout=5)
        requests = [PriceRequest(symbol=symbol, start=START, end=end) for symbol in symbols or ("ODD",)]
        return fetch_prices([source], requests, guard=guard_at(self._folder, self.clock, **patience), now=self.clock())


_OTHERS = (charts.written,)


@pytest.fixture
def provider(tmp_path, cache_dir):
    provider = Provider(tmp_path, cache_dir)
    with provider.server:
        yield provider


def closes(result, symbol="ODD"):
    return [(day, close) for of, day, close in result.prices.select("symbol", "date", "close").rows() if of == symbol]


TRUE = [(dt.date(2024, 3, 6), D("10.5")), (dt.date(2024, 3, 7), D("10.75")), (dt.date(2024, 3, 8), D("10.85"))]


def test_what_is_right_comes_through(provider):
    assert closes(provider.fetch()) == TRUE


def test_an_empty_series_is_a_failure_of_its_symbol_alone(provider):
    del provider.chart["timestamp"]
    provider.chart["indicators"] = {"quote": [{}]}
    result = provider.fetch("ODD", "LIVE")
    assert closes(result) == []
    assert [str(one) for one in result.failures] == [
        "yahoo about ODD: no prices: not one from 2024-03-04 to 2024-03-12"
    ]
    assert closes(result, "LIVE") == TRUE


def tell_twice(provider, close, epoch=1709821860):
    """Tell 2024-03-07 a second time."""
    for values, again in (
        (provider.chart["timestamp"], epoch),
        *((bar, bar[1]) for bar in provider.bars.values()),
    ):
        values.insert(2, again)
    provider.bars["close"][2] = close


def test_of_a_day_that_comes_twice_both_bars_are_told_to_be_held(provider):
    tell_twice(provider, 10.8)
    assert closes(provider.fetch()) == [*TRUE[:2], (TRUE[1][0], D("10.8")), TRUE[2]]


@pytest.mark.parametrize("close", [10.75, None])
def test_a_day_that_comes_twice_alike_or_empty_is_told_once(provider, close):
    tell_twice(provider, close)
    result = provider.fetch()
    assert (closes(result), result.dropped_null_bars) == (TRUE, {})


@pytest.mark.parametrize(
    "meta",
    [
        pytest.param({"regularMarketTime": 1709821860}, id="by its time"),
        pytest.param({"regularMarketTime": 1709821800, "regularMarketPrice": 10.8000001907}, id="by its price"),
    ],
)
def test_of_a_running_session_that_comes_twice_the_last_trade_counts(provider, meta):
    tell_twice(provider, 10.8)
    for values in (provider.chart["timestamp"], *provider.bars.values()):
        values.pop()
    provider.chart["meta"] |= meta
    assert closes(provider.fetch()) == [TRUE[0], (TRUE[1][0], D("10.8"))]


def test_a_shuffled_series_is_put_in_order(provider):
    order = [2, 0, 1]
    provider.chart["timestamp"] = [provider.chart["timestamp"][place] for place in order]
    for name, values in provider.bars.items():
        provider.bars[name] = [values[place] for place in order]
    assert closes(provider.fetch()) == TRUE


def test_a_bar_without_a_close_is_left_out_and_counted(provider):
    provider.bars["close"][1] = None
    result = provider.fetch()
    assert closes(result) == [TRUE[0], TRUE[2]]
    assert result.dropped_null_bars == {"ODD": 1}


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_a_close_that_is_no_number_is_no_answer(provider, value):
    provider.bars["close"][1] = float(value)
    result = provider.fetch("ODD", "LIVE")
    assert isinstance(result.failures[0].errors[0], MalformedAnswerError)
    assert closes(result, "LIVE") == TRUE


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        pytest.param(
            b'{"chart":{"result":null,"error":{"code":"Oops","description":"try later"}}}', "Oops", id="an error"
        ),
        pytest.param(b'{"chart":{"result":[],"error":null}}', "neither", id="nothing"),
        pytest.param(b"<html><body>Please consent</body></html>", "no JSON", id="HTML"),
        pytest.param(
            json.dumps({"chart": {"result": [charts.written("LIVE")]}}).encode()[:200], "no JSON", id="cut short"
        ),
        pytest.param(b"[]", "", id="another shape"),
    ],
)
def test_a_200_that_is_no_chart_is_no_answer(provider, body, trouble):
    provider.server.fail_next("/chart/LIVE", Answer(body=body))
    (failure,) = provider.fetch("LIVE", attempts=1).failures
    assert isinstance(failure.errors[0], MalformedAnswerError)
    assert trouble in str(failure)
    provider.server.heal()
    assert closes(provider.fetch("LIVE"), "LIVE") == TRUE


@pytest.mark.parametrize("fault", ["down", "cut", "reset", "limited"])
def test_what_passes_is_outlasted(provider, fault):
    provider.fetch("LIVE")
    provider.server.fail_next("/chart/LIVE", *[Fault(fault)] * 2)
    assert closes(provider.fetch("LIVE"), "LIVE") == TRUE
    assert 1 <= len(provider.clock.waits) <= 2


def test_a_symbol_that_vanishes_is_unknown_and_holds_up_no_other(provider):
    assert closes(provider.fetch()) == TRUE
    provider.chart = None
    result = provider.fetch("ODD", "LIVE")
    assert isinstance(result.failures[0].errors[0], UnknownSymbolError)
    assert closes(result, "LIVE") == TRUE


def test_an_empty_frame_that_the_client_makes_of_an_error_is_a_failure(provider):
    """By default yfinance turns any of these into a frame without rows, "possibly delisted"."""
    provider.fetch("LIVE")
    provider.server.fail_next("/chart/LIVE", *[Fault("down")] * 2)
    (failure,) = provider.fetch("LIVE", attempts=1).failures
    assert isinstance(failure.errors[0], SourceDownError)


def seconds(day, hour):
    return int(dt.datetime(2024, 3, day, hour, tzinfo=dt.UTC).timestamp())


def test_a_provider_whose_clock_is_ahead_makes_no_price_newer_than_now(provider):
    """It says on the 8th, an hour before the close, that it is the 9th and all is over."""
    provider.clock.now = dt.datetime(2024, 3, 8, 20, tzinfo=dt.UTC)
    provider.chart["meta"] |= {"regularMarketTime": seconds(9, 23), "regularMarketPrice": 10.9}
    result = provider.fetch()
    assert closes(result) == TRUE[:2]
    (row,) = result.symbols.to_dicts()
    assert (row["last_price"], row["last_price_at"]) == (D("10.9"), provider.clock.now)


def test_a_bar_of_a_day_to_come_is_left_out(provider):
    provider.clock.now = dt.datetime(2024, 3, 8, 23, tzinfo=dt.UTC)
    for values, more in (
        (provider.chart["timestamp"], seconds(12, 15)),
        *((bar, bar[1]) for bar in provider.bars.values()),
    ):
        values.append(more)
    hours = {"start": seconds(12, 14), "end": seconds(12, 21)}
    provider.chart["meta"] |= {"regularMarketTime": seconds(12, 22), "currentTradingPeriod": {"regular": hours}}
    assert closes(provider.fetch(end=dt.date(2024, 3, 8))) == TRUE


RACE = """
import datetime as dt, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pipelines.sources.base import PriceRequest
from pipelines.sources.yahoo import YahooSource
source = YahooSource(base_url=sys.argv[1], cache_dir=Path(sys.argv[2]))
def ask(number):
    request = PriceRequest(symbol=("LIVE", "SPLITS", "PENCE.L")[number % 3], start=dt.date(2024, 3, 4))
    said = source.prices(request, now=dt.datetime(2024, 3, 12, 12, tzinfo=dt.UTC)).prices
    return request.symbol, said.height, said["close"].null_count(), str(said["close"].sum())
with ThreadPoolExecutor(8) as threads:
    print(sorted(set(threads.map(ask, range(24)))))
"""


def test_threads_on_a_cold_cache_get_whole_answers(tmp_path):
    """A fresh cache met by threads is locked, and gave columns of NaN without a word, where each opened it itself."""
    with ReplayServer() as server:
        words = [sys.executable, "-c", RACE, server.url, str(tmp_path / "cold")]
        run = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True)
    said = eval(run.stdout)  # noqa: S307 - our own program's list
    assert [(symbol, rows > 2, nulls) for symbol, rows, nulls, _ in said] == [
        ("LIVE", True, 0),
        ("PENCE.L", True, 0),
        ("SPLITS", True, 0),
    ]
