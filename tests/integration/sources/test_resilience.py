"""The real clients against the replay server: what they are told, what breaks, what several processes share."""

import datetime as dt
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from pipelines.providers.limits import Limit
from pipelines.sources.alphavantage import AlphaVantageSource
from pipelines.sources.base import PriceRequest
from pipelines.sources.ecb import EcbSource
from pipelines.sources.errors import (
    BadKeyError,
    GarbledAnswerError,
    LeftAloneError,
    QuotaError,
    QuotaSpentError,
    RateLimitError,
    SourceDownError,
)
from pipelines.sources.fetch import fetch_prices
from pipelines.sources.fetch_rates import fetch_rates
from pipelines.sources.lookups import StatementKind
from pipelines.sources.pacing import Pace
from tests.guards import NOON, Clock, guard_at
from tests.replay import Answer, Fault, alphavantage
from warehouse.ops import Ops

ROOT = Path(__file__).parents[3]
START, END = dt.date(2024, 3, 4), dt.date(2024, 3, 6)
ECB = "/eurofxref-hist"


@pytest.fixture
def ecb(replay):
    return EcbSource(base_url=replay.url, timeout=5)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guard(tmp_path, clock):
    """Return a guard as a process of its own would have it, over one shared state."""
    return lambda **changes: guard_at(tmp_path, clock, **changes)


def rates(guard, *sources):
    return fetch_rates(sources, ["USD"], START, END, guard=guard, now=NOON)


def prices(guard, source, *symbols):
    requests = [PriceRequest(symbol=symbol, start=START) for symbol in symbols]
    return fetch_prices([source], requests, guard=guard, now=NOON)


def told(seconds, status=429):
    return Answer(status=status, body=b"slow down", content_type="text/plain", headers={"Retry-After": str(seconds)})


STATUSES = pytest.mark.parametrize("status", [429, 503])


@STATUSES
def test_the_ecbs_retry_after_is_waited_for(ecb, replay, guard, clock, status):
    replay.fail_next(ECB, told(17, status))
    assert rates(guard(), ecb).rates.height == 3
    assert clock.waits == [17]


@STATUSES
def test_yahoos_retry_after_is_waited_for(yahoo, replay, guard, clock, status):
    replay.fail_next("/chart/LIVE", *[told(17, status)] * 2)
    assert prices(guard(), yahoo, "LIVE").failures == ()
    assert clock.waits == [17, 17]


@STATUSES
def test_alpha_vantages_retry_after_is_waited_for(replay, guard, clock, status):
    source = AlphaVantageSource(key=SecretStr("KEY-OF-TESTS"), base_url=replay.url)
    replay.fail_next("/query", told(17, status))
    assert prices(guard(), source, "SPLITS").failures == ()
    assert clock.waits == [17]


@pytest.mark.parametrize("fault", ["limited", "forbidden", "down"])
def test_what_yahoo_refuses_is_not_asked_again_by_its_client(yahoo, replay, guard, fault):
    """It would look for other cookies and ask at once what was just refused."""
    prices(guard(), yahoo, "LIVE")
    before = len(replay.requests)
    replay.fail_next("/", *[Fault(fault)] * 100)
    request = PriceRequest(symbol="LIVE")
    for ask in (
        lambda: yahoo.prices(request, now=NOON),
        lambda: yahoo.describe(request),
        lambda: yahoo.search("LIVE"),
        lambda: yahoo.statements(request, StatementKind.INCOME),
    ):
        with pytest.raises((RateLimitError, SourceDownError)):
            ask()
    for_cookies = {"/", "/v1/test/getcrumb", "/consent"}
    sent = [urlsplit(request).path for request in replay.requests[before:]]
    assert len([path for path in sent if path not in for_cookies]) == 4


def test_new_cookies_are_looked_for_where_yahoo_does_not_take_the_old_ones(yahoo, replay, guard):
    prices(guard(), yahoo, "LIVE")
    replay.fail_next("/chart/LIVE", Answer(status=401, body=b'{"finance":{"error":{"code":"Unauthorized"}}}'))
    assert prices(guard(attempts=1), yahoo, "LIVE").failures == ()


def test_a_date_to_wait_for_is_taken_against_the_servers_own_clock(ecb, replay, guard, clock):
    headers = {"Retry-After": "Fri, 31 Dec 2049 23:59:59 GMT"}
    replay.fail_next(ECB, Answer(status=429, headers=headers))
    (failure,) = rates(guard(), ecb).failures
    assert isinstance(failure.errors[0], RateLimitError)
    assert clock.waits == []
    assert guard().providers.circuit("ecb").not_before == NOON + dt.timedelta(hours=1)


def test_without_retry_after_it_is_tried_again_a_little_later(ecb, replay, guard, clock):
    replay.fail_next(ECB, Fault("limited"))
    assert rates(guard(), ecb).failures == ()
    assert len(clock.waits) == 1
    assert clock.waits[0] <= 1


@pytest.mark.parametrize("fault", ["down", "reset", "cut"])
def test_a_burst_that_passes_is_outlasted(ecb, replay, guard, clock, fault):
    replay.fail_next(ECB, *[Fault(fault)] * 3)
    assert rates(guard(), ecb).rates.height == 3
    assert len(clock.waits) == 3
    assert guard().providers.calls(NOON.date()).rows() == [("ecb", 4, 3)]


@pytest.mark.parametrize("fault", ["down", "reset"])
def test_a_burst_that_lasts_opens_the_circuit_until_a_probe_is_answered(yahoo, replay, guard, clock, fault):
    prices(guard(), yahoo, *(f"P{number}" for number in range(7)))  # nothing is cached of what fails
    replay.fail_next("/chart/", *[Fault(fault)] * 100)
    result = prices(guard(attempts=1), yahoo, *(f"S{number}" for number in range(7)))
    kinds = [type(failure.errors[0]) for failure in result.failures]
    assert kinds == [SourceDownError] * 5 + [LeftAloneError] * 2
    replay.heal()
    before = len(replay.requests)
    assert isinstance(prices(guard(), yahoo, "LIVE").failures[0].errors[0], LeftAloneError)
    assert len(replay.requests) == before
    clock.pass_by(60)
    assert prices(guard(), yahoo, "LIVE").failures == ()


@pytest.mark.parametrize(
    ("fault", "kind", "sent"),
    [
        pytest.param(Fault("maintenance"), GarbledAnswerError, 5, id="a page"),
        pytest.param(Fault("malformed"), GarbledAnswerError, 5, id="cut short"),
        pytest.param(Answer(body=alphavantage.refusal("quota")), QuotaError, 1, id="a spent quota"),
        pytest.param(Answer(body=alphavantage.refusal("bad_key")), BadKeyError, 1, id="a bad key"),
    ],
)
def test_what_alpha_vantage_says_to_all_is_not_heard_thirty_times(replay, guard, fault, kind, sent):
    source = AlphaVantageSource(key=SecretStr("KEY-OF-TESTS"), base_url=replay.url)
    replay.fail_next("/query", *[fault] * 30)
    errors = [one.errors[0] for one in prices(guard(attempts=1), source, *(f"S{n}" for n in range(30))).failures]
    assert [type(error) for error in errors] == [kind] * sent + [LeftAloneError] * (30 - sent)
    assert len(replay.requests) == sent
    if kind is not GarbledAnswerError:
        assert all(f"{kind.kind}: " in str(error) for error in errors)


def test_a_page_instead_of_a_chart_is_a_failure_that_the_client_does_not_hide(yahoo, replay, guard):
    page = Answer(body=b"<html><body>Please consent</body></html>", content_type="text/html")
    replay.fail_next("/chart/", *[page] * 100)
    failures = prices(guard(attempts=1), yahoo, *(f"C{number}" for number in range(7))).failures
    kinds = [type(failure.errors[0]) for failure in failures]
    assert kinds == [GarbledAnswerError] * 5 + [LeftAloneError] * 2


def test_a_quota_counts_every_request_of_the_real_client(yahoo, replay, guard):
    limits = {"yahoo": (Limit(3, 86_400),)}
    result = prices(guard(limits=limits), yahoo, "SPLITS", "PENCE.L", "LIVE", "NOSUCH")
    assert any(isinstance(failure.errors[0], QuotaSpentError) for failure in result.failures)
    assert len(replay.requests) == 3


def test_where_one_is_down_the_next_in_order_answers(replay, ecb, yahoo, guard):
    replay.fail_next(ECB, *[Fault("down")] * 4)
    result = rates(guard(), ecb, yahoo)
    assert set(result.rates["source"]) == {"yahoo"}
    assert result.failures == ()


def test_threads_that_ask_the_same_send_one_request(replay, ecb, guard):
    replay.fail_next(ECB, Answer(status=503, delay_seconds=1))
    one = guard()
    threads = [threading.Thread(target=rates, args=(one, ecb)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replay.asked(f"{ECB}-90d") == 2  # the one that failed, and its second try


def _take(folder, limit):
    """Take all that is left of a day, in a process of its own."""
    clock = Clock()
    pace = Pace("one", [Limit(limit, 86_400)], providers=_providers(folder), clock=clock, sleep=clock.sleep)
    taken = 0
    while True:
        try:
            pace()
        except QuotaSpentError:
            return taken
        taken += 1


def _enter(folder, second):
    """Return whether this process's question is the probe."""
    guard = guard_at(folder, Clock(NOON + dt.timedelta(seconds=second)))
    entry = guard.providers.change_circuit("one", lambda circuit: guard.breaker.enter(circuit, guard.clock()))
    return entry.probe


def _providers(folder):
    return Ops.open(f"sqlite:///{folder / 'ops.sqlite'}").providers()


@pytest.fixture
def pool():
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as processes:
        yield processes


@pytest.fixture
def opened(tmp_path):
    """Leave a provider alone since noon."""
    guard = guard_at(tmp_path, Clock())
    for _ in range(5):
        entry = guard.providers.change_circuit("one", lambda circuit: guard.breaker.enter(circuit, NOON))
        guard.providers.change_circuit(
            "one", lambda circuit, entry=entry: (guard.breaker.failed(circuit, entry, NOON), None)
        )
    return guard


def test_processes_share_a_quota(tmp_path, pool):
    taken = [one.result() for one in [pool.submit(_take, tmp_path, 40) for _ in range(3)]]
    assert sum(taken) == 40
    assert _providers(tmp_path).requests_since("one", NOON) == 40


def test_one_process_of_many_gets_the_probe(tmp_path, opened, pool):
    assert not any(pool.map(_enter, [tmp_path] * 6, [59] * 6))
    assert sum(pool.map(_enter, [tmp_path] * 12, [60] * 12)) == 1


def test_a_process_killed_while_its_probe_is_out_shuts_nobody_out(tmp_path, opened, replay, clock, guard):
    """The real client of another process waits for an answer when it is killed."""
    url, providers = replay.url, opened.providers
    replay.fail_next(ECB, Answer(status=503, delay_seconds=30))
    code = (
        "import datetime as dt, sys; from pathlib import Path\n"
        "from tests.guards import Clock, NOON, guard_at; from tests.integration.sources.test_resilience import rates\n"
        "from pipelines.sources.ecb import EcbSource\n"
        "source = EcbSource(base_url=sys.argv[1]); source.name = 'one'\n"
        "rates(guard_at(Path(sys.argv[2]), Clock(NOON + dt.timedelta(seconds=60))), source)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, url, str(tmp_path)], cwd=ROOT)
    try:
        while not replay.asked(ECB):
            assert process.poll() is None
        assert providers.circuit("one").probe_until == NOON + dt.timedelta(seconds=120)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    source = EcbSource(base_url=url, timeout=5)
    source.name = "one"
    clock.pass_by(119)
    assert isinstance(rates(guard(), source).failures[0].errors[0], LeftAloneError)
    clock.pass_by(1)
    assert rates(guard(), source).rates.height == 3
    assert providers.circuit("one").opened_at is None
