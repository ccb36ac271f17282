"""`folio sources`: what it shows, what it resets, how it leaves."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from warehouse.ops import Ops
from warehouse.ops.providers import Circuit
from warehouse.schema.ops import PROVIDER_HEALTH


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def folio(home):
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def providers(folio, home):
    """Return what is shared about providers, with Yahoo left alone since now."""
    folio("init")
    providers, now = Ops.open(f"sqlite:///{home / 'ops.sqlite'}").providers(), dt.datetime.now(dt.UTC)
    providers.record_call("yahoo", True, 40, None, now)
    providers.record_call("yahoo", False, 90, "yahoo about [A]: down: HTTP 503", now)
    providers.change_circuit("yahoo", lambda _: (Circuit(failures_in_a_row=5, opened_at=now), None))
    with providers.requests("yahoo") as requests:
        requests.add(now)
    return providers


def test_without_a_ledger_there_is_nothing_to_show_and_no_file_is_made(folio, home):
    assert folio("sources").exit_code == Exit.NOTHING_YET
    assert not home.exists()


def test_the_table_says_who_is_left_alone(folio, providers):
    shown = folio("sources")
    assert shown.exit_code == Exit.OK
    (line,) = [line for line in shown.output.splitlines() if line.startswith("yahoo")]
    assert "open until" in line
    assert "yahoo about [A]: down" in line
    assert [line.split()[0] for line in shown.output.splitlines()[1:]] == ["ecb", "inbox", "yahoo"]


def test_the_document_has_the_columns_of_the_table(folio, providers):
    rows = json.loads(folio("sources", "--json").output)
    assert {tuple(row) for row in rows} == {PROVIDER_HEALTH.names}
    (yahoo,) = [row for row in rows if row["source"] == "yahoo"]
    assert (yahoo["calls"], yahoo["failures"], yahoo["breaker"]) == (2, 1, "open")
    assert (yahoo["latency_p50_ms"], yahoo["quota_left"]) == (90, None)


def test_the_quota_that_is_left_is_shown(folio, providers, monkeypatch):
    monkeypatch.setenv("FOLIO_YAHOO_LIMITS", "25/day")
    (yahoo,) = [row for row in json.loads(folio("sources", "--json").output) if row["source"] == "yahoo"]
    assert yahoo["quota_left"] == 24


def test_a_reset_asks_again_and_gives_back_no_quota(folio, providers):
    midnight = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    before = providers.requests_since("yahoo", midnight)
    done = folio("sources", "reset", "yahoo")
    assert (done.exit_code, done.output) == (Exit.OK, "yahoo is asked again\n")
    assert providers.circuit("yahoo") == Circuit()
    assert providers.requests_since("yahoo", midnight) == before


def test_a_reset_of_one_whose_quota_is_spent_says_when_it_is_asked(folio, providers, monkeypatch):
    monkeypatch.setenv("FOLIO_YAHOO_LIMITS", "1/day")
    done = folio("sources", "reset", "yahoo")
    assert done.exit_code == Exit.OK
    assert done.output == "yahoo is asked from midnight UTC on: its quota of today is spent\n"


@pytest.mark.parametrize("words", [("reset", "nobody"), ("reset",), ("bogus",)])
def test_wrong_use_is_said_on_one_line(folio, providers, words):
    wrong = folio("sources", *words)
    assert wrong.exit_code == Exit.USAGE
    assert wrong.stderr.count("\n") == 1


def test_a_limit_that_makes_no_sense_is_wrong_use(folio, providers, monkeypatch):
    monkeypatch.setenv("FOLIO_ALPHAVANTAGE_LIMITS", "25/fortnight")
    wrong = folio("sources")
    assert wrong.exit_code == Exit.USAGE
    assert "FOLIO_ALPHAVANTAGE_LIMITS" in wrong.stderr
