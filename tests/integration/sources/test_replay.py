"""The replay server as a process of its own."""

import json
import subprocess
import sys

import pytest
import requests

from tests.replay import charts


@pytest.fixture
def url():
    command = [sys.executable, "-m", "tests.replay", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=charts.ROOT) as process:
        yield process.stdout.readline().strip()
        process.terminate()


def test_it_prints_its_address_and_answers(url):
    chart = requests.get(f"{url}/v8/finance/chart/SPLITS?range=1d&interval=1d", timeout=10).json()
    assert chart["chart"]["result"][0]["meta"]["symbol"] == "SPLITS"
    assert requests.get(f"{url}/v8/finance/chart/NOSUCH", timeout=10).status_code == 404
    assert requests.get(f"{url}/v1/test/getcrumb", timeout=10).text == "replayed"
    assert requests.get(f"{url}/stats/eurofxref/eurofxref-hist.zip", timeout=30).content[:2] == b"PK"
    none = requests.get(f"{url}/v7/finance/quote?symbols=NOSUCH", timeout=10).json()
    assert none == {"quoteResponse": {"result": [], "error": None}}


def test_a_window_is_cut_as_yahoo_cuts():
    chart = charts.written("SPLITS")
    second, last = chart["timestamp"][1], chart["timestamp"][-1]
    cut = charts.window(chart, {"period1": str(second), "period2": str(last)})
    assert cut["timestamp"] == chart["timestamp"][1:-1]
    assert len(cut["indicators"]["quote"][0]["close"]) == 4
    assert len(cut["events"]["dividends"]) == 1
    assert charts.window(chart, {"period1": str(last + 1), "period2": str(last + 2)})["indicators"] == {"quote": [{}]}
    assert json.dumps(chart) == json.dumps(charts.written("SPLITS"))
