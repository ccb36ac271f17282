"""`folio quality`: what it lists, what it releases, how it leaves."""

import datetime as dt
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from tests.held import held_back
from warehouse.ledger import Ledger
from warehouse.ops import Ops
from warehouse.ops.quarantine import RESOLUTIONS

NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=1)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FOLIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def folio(home):
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def held(folio, home):
    """Return a record with three rows held back, of which the second is resolved, and what a last run found."""
    folio("init")
    ops = Ops.open(f"sqlite:///{home / 'ops.sqlite'}")
    other = held_back(key="ACME 2024-06-27", date=dt.date(2024, 6, 27))
    impossible = held_back(rule="not_positive", key="B 2024-06-28", about="B")
    nothing = pl.DataFrame(schema=RESOLUTIONS)
    ops.quarantine().record("r1", pl.concat([held_back(), other, impossible, held_back(rule="unit")]), nothing, NOON)
    resolved = pl.DataFrame([(2, "believable")], schema=RESOLUTIONS, orient="row")
    ops.quarantine().record("r2", other.clear(), resolved, LATER)
    ops.record_run_started("r2", "refresh", NOON)
    ops.record_run_ended("r2", "published", None, LATER)
    ops.record_gate("r2", "price_history", "jump", False, False, 1, None, NOON)
    ops.record_gate("r2", "symbols", "meets_declaration", True, True, 0, None, NOON)
    return ops


def releases(home):
    return Ledger.open(f"sqlite:///{home / 'ledger.sqlite'}").market().releases()


def test_without_a_ledger_there_is_nothing_to_show_and_no_file_is_made(folio, home):
    assert folio("quality").exit_code == Exit.NOTHING_YET
    assert not home.exists()


def test_before_any_run_nothing_is_held_back(folio):
    folio("init")
    assert folio("quality").output.startswith("Nothing is held back.\n")


def test_open_rows_and_the_last_runs_gates_are_listed(folio, held):
    shown = folio("quality")
    lines = shown.output.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["1", "3", "4"]
    assert "a close of 1 after 100" in lines[1]
    assert "1 of 2 rules passed in the last run." in shown.output
    everything = folio("quality", "--all").output.splitlines()
    assert [line.split()[0] for line in everything[1:5]] == ["1", "3", "4", "2"]


def test_the_document_has_whole_rows(folio, held):
    document = json.loads(folio("quality", "--json").output)
    assert [row["state"] for row in document["quarantine"]] == ["open"] * 3
    assert json.loads(document["quarantine"][0]["fetched_row"])["close"] == "1"
    assert [gate["rule"] for gate in document["gates"]] == ["jump", "meets_declaration"]
    assert len(json.loads(folio("quality", "--all", "--json").output)["quarantine"]) == 4


def test_whoever_accepts_a_row_accepts_it_whole_and_is_on_record(folio, held, home):
    done = folio("quality", "release", "1", "--reason", "it did crash")
    assert (done.exit_code, done.output) == (
        Exit.OK,
        "price_history ACME 2024-06-28 will be taken by the next `folio refresh`\n",
    )
    assert releases(home).select("user_id", "quarantine_id", "rule", "value", "reason").rows() == [
        ("me", 1, "jump", "1", "it did crash"),
        ("me", 4, "unit", "1", "it did crash"),
    ]
    states = {row["quarantine_id"]: row["state"] for row in json.loads(folio("quality", "--json").output)["quarantine"]}
    assert states == {1: "accepted", 4: "accepted", 3: "open"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("99", "--reason", "x"), "there is no row 99"),
        (("2", "--reason", "x"), "row 2 is resolved already"),
        (("1", "3", "--reason", "x"), "row 3 can never be"),
        (("one", "--reason", "x"), "'one' is not an id such as 12"),
        (("1-x", "--reason", "x"), "'1-x' is not an id such as 12"),
        (("5-1", "--reason", "x"), "'5-1' is not an id such as 12"),
        (("\N{SUPERSCRIPT TWO}", "--reason", "x"), "is not an id such as 12"),
        (("1",), "reason"),
        (("1", "--reason", " "), "reason"),
    ],
)
def test_wrong_use_is_said_on_one_line_and_nothing_is_released(folio, held, home, words, said):
    wrong = folio("quality", "release", *words)
    assert wrong.exit_code in {Exit.USAGE, Exit.FAILED}
    assert wrong.stderr.count("\n") == 1
    assert said in wrong.stderr
    assert releases(home).is_empty()


def test_a_row_is_accepted_once(folio, held, home):
    folio("quality", "release", "1", "--reason", "it did crash")
    again = folio("quality", "release", "1", "--reason", "it did")
    assert again.exit_code == Exit.USAGE
    assert "row 1 is accepted already: the next `folio refresh` takes it" in again.stderr
    assert set(releases(home)["reason"]) == {"it did crash"}


def test_a_range_of_rows_is_accepted_at_once(folio, held, home):
    folio("quality", "release", "4", "1-2", "--reason", "seen")
    assert releases(home)["quarantine_id"].to_list() == [1, 4]
    again = folio("quality", "release", "1-2", "--reason", "seen")
    assert (again.exit_code, "row 1 is accepted already" in again.stderr) == (Exit.USAGE, True)


def test_status_says_how_many_rows_wait(folio, held):
    assert "Quarantine  3 rows held back" in folio("status").output


def test_a_symbol_of_the_ledger_is_renamed_and_no_other(folio, home, tmp_path):
    folio("init")
    file = tmp_path / "t.csv"
    file.write_text("date,type,account,symbol,quantity,price,currency\n2024-01-03,BUY,Depot,FB,1,100,USD\n")
    assert folio("import", str(file)).exit_code == Exit.OK
    done = folio("rename", "FB", "META")
    assert (done.exit_code, done.output) == (Exit.OK, "FB is priced as META from the next `folio refresh` on\n")
    stated = Ledger.open(f"sqlite:///{home / 'ledger.sqlite'}").market().renames()
    assert stated.rows() == [("FB", "META")]
    wrong = folio("rename", "XX", "META")
    assert (wrong.exit_code, wrong.stderr) == (Exit.USAGE, "folio: no transaction names 'XX', and nobody watches it\n")


def test_a_full_disk_is_named_where_something_fails_and_in_the_status(folio, held, monkeypatch):
    assert "are left" not in folio("status").output
    full = SimpleNamespace(free=200_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert "only 0.2 MB are left on the disk of" in " ".join(folio("status").output.split())
    Path("t.csv").write_text("date,type,symbol,quantity,price,currency\n2020-01-01,SELL,ACME,1,5,USD\n")
    failed = folio("import", "t.csv")
    assert failed.exit_code == Exit.FAILED
    assert "only 0.2 MB are left on the disk of" in failed.stderr
    assert "are left" not in folio("quality", "release", "99", "--reason", "x").stderr
