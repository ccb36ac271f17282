"""`folio search`: what providers find, and what it says where nobody can be asked."""

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from tests.replay import ReplayServer


@pytest.fixture
def folio(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["search", *words])


def test_what_is_found_is_listed_with_who_said_it(folio, monkeypatch):
    with ReplayServer() as server:
        monkeypatch.setenv("FOLIO_PRICE_SOURCES", "alphavantage")
        monkeypatch.setenv("FOLIO_ALPHAVANTAGE_KEY", "secret")
        monkeypatch.setenv("FOLIO_ALPHAVANTAGE_URL", server.url)
        result = folio("pence")
    assert result.exit_code == 0, result.output
    assert "PENCE.L" in result.output
    assert "by alphavantage on " in result.output


def test_where_nobody_can_be_asked_it_says_so(folio, monkeypatch):
    monkeypatch.setenv("FOLIO_PRICE_SOURCES", "inbox")
    result = folio("pence")
    assert result.exit_code == Exit.FAILED
    assert "names no provider" in result.output
