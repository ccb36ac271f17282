"""The clock of a demo's home: said by the home itself, heard by whoever opens it."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest

from pipelines.cli import demo
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.stores import load_settings
from pipelines.demo import DEMO_CLOCK
from pipelines.demo.clock import go_on, stand_still
from pipelines.ingest import history_rows
from warehouse.build import open_candidate
from warehouse.publish import publish
from warehouse.schema.market import PRICE_HISTORY
from warehouse.settings import Settings, StatedSettings

NOW = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOLIO_HOME", "home")
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_home_stands_still_until_it_goes_on(home):
    still = stand_still(Settings())
    assert Settings() == still
    assert (still.clock, still.price_sources, still.fx_sources) == (DEMO_CLOCK, ("demo",), ("demo",))
    go_on(still)
    assert Settings().clock is None
    assert "demo" not in Settings().price_sources
    go_on(still)


def test_what_the_home_says_counts_before_the_environment(home, monkeypatch):
    stand_still(Settings())
    monkeypatch.setenv("FOLIO_CLOCK", "2024-01-02")
    monkeypatch.setenv("FOLIO_PRICE_SOURCES", "yahoo,inbox")
    assert (Settings().clock, Settings().price_sources) == (DEMO_CLOCK, ("demo",))
    stated = StatedSettings()
    assert (stated.clock, stated.price_sources) == (dt.date(2024, 1, 2), ("yahoo", "inbox"))


def test_a_home_named_in_a_file_or_by_the_caller_is_heard_too(home, monkeypatch, tmp_path):
    stand_still(Settings())
    monkeypatch.delenv("FOLIO_HOME")
    assert Settings().clock is None
    assert Settings(home=home).clock == DEMO_CLOCK
    (tmp_path / ".env").write_text("FOLIO_HOME=home\n")
    assert Settings().clock == DEMO_CLOCK


def test_settings_that_are_handed_on_are_heard_as_they_are(home):
    moving = stand_still(Settings()).model_copy(update={"clock": None, "price_sources": ("yahoo",)})
    assert Settings.model_validate_json(moving.model_dump_json()) == moving


def test_a_broken_word_of_the_home_says_what_to_do(home):
    (home / "demo.json").write_text("{")
    with pytest.raises(CommandError, match="run `folio demo`") as refused:
        load_settings()
    assert refused.value.code == Exit.USAGE
    assert load_settings(StatedSettings).clock is None
    (home / "demo.json").write_text(json.dumps({"clock": "soon"}))
    with pytest.raises(CommandError, match="FOLIO_CLOCK"):
        load_settings()


@pytest.fixture
def runs(monkeypatch):
    """Return the clocks of the runs that the demo asks for; none takes place."""
    clocks = []
    monkeypatch.setattr(demo, "run_once", lambda settings: clocks.append(settings.clock))
    monkeypatch.setattr(demo, "prepare", lambda _: None)
    monkeypatch.setattr(demo, "_print", lambda _: None)
    return clocks


def play(*, live):
    demo.run_demo(load_settings(StatedSettings), live=live, serve_pages=False, now=NOW)


@pytest.mark.parametrize(
    ("reason", "clocks"),
    [
        pytest.param("no route to host", [DEMO_CLOCK], id="without a network"),
        pytest.param(None, [DEMO_CLOCK, None], id="with one"),
    ],
)
def test_the_home_goes_on_only_where_live_sources_answer(home, runs, monkeypatch, reason, clocks):
    monkeypatch.setattr(demo, "_unreachable", lambda *_, **__: reason)
    play(live=True)
    assert runs == clocks
    assert Settings().clock == clocks[-1]


def published_live(*, with_bundled_prices):
    """Publish a later day, with a bundled price or with none at all, as Dagster does in a home of nobody."""
    candidate = open_candidate(Settings(), "live")
    if with_bundled_prices:
        row = {"symbol": "AAPL", "date": DEMO_CLOCK, "close": Decimal("126.04"), "currency": "USD", "source": "demo"}
        candidate.record_history(PRICE_HISTORY, history_rows(PRICE_HISTORY, pl.DataFrame([row]), now=NOW), now=NOW)
    publish(candidate, Settings(), now=NOW, as_of=NOW.date())


def test_a_later_publication_without_the_bundled_prices_is_no_demo_that_has_gone_on(home, runs):
    published_live(with_bundled_prices=False)
    play(live=False)
    assert runs == [DEMO_CLOCK]


def test_what_has_gone_on_is_never_turned_back(home, runs, monkeypatch):
    stand_still(Settings())
    published_live(with_bundled_prices=True)
    monkeypatch.setattr(demo, "_unreachable", lambda *_, **__: None)
    play(live=False)
    assert runs == [None]
    assert Settings().clock is None


def test_files_are_no_live_source(home, runs, monkeypatch, capsys):
    monkeypatch.setenv("FOLIO_PRICE_SOURCES", "inbox")
    play(live=True)
    assert "No live prices (FOLIO_PRICE_SOURCES names none)" in " ".join(capsys.readouterr().err.split())
