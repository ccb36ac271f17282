"""Commands that are interrupted or killed: what they say, how they leave, and what is left of them."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.exits import Exit
from pipelines.valuation.batches import FEW
from tests.integration.cli.in_process import put_back_dagster_home
from tests.processes import assert_gone, workers_of
from warehouse.ledger import Ledger

ROOT = Path(__file__).parents[3]
NOTHING = "folio: interrupted: nothing was published\n"
PRICES = "symbol,date,close,currency\nACME,2024-01-02,10,EUR\nACME,2024-01-03,11,EUR\n"
BOUGHT = "date,type,account,symbol,quantity,price,currency\n2024-01-02,BUY,Depot,ACME,1,10,EUR\n"


def environment(home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLIO_")}
    sources = {"FOLIO_PRICE_SOURCES": "inbox", "FOLIO_FX_SOURCES": "inbox", "FOLIO_CLOCK": ""}
    return {**kept, **sources, "FOLIO_HOME": str(home), "PYTHONPATH": str(ROOT)}


def started(home, *words, **options):
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(home), cwd=home.parent, **pipes, **options)


def run(home, *words):
    """Run a command to its end, in this process, which has its libraries already."""
    with pytest.MonkeyPatch.context() as patch:
        put_back_dagster_home(patch)
        for name, value in environment(home).items():
            patch.setenv(name, value)
        patch.chdir(home.parent)
        done = CliRunner().invoke(app, list(words))
    assert done.exit_code == Exit.OK, done.output


def until(condition, process):
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a home that has published once, from files alone."""
    folder = tmp_path_factory.mktemp("interrupted")
    (folder / "t.csv").write_text(BOUGHT)
    home = folder / "home"
    run(home, "init", "--account", "Depot")
    (home / "inbox" / "prices.csv").write_text(PRICES)
    run(home, "import", "t.csv")
    run(home, "refresh")
    return home


def runs(home):
    with closing(sqlite3.connect(home / "ops.sqlite")) as record:
        return dict(record.execute("SELECT run_id, status FROM runs").fetchall())


def in_dagster(home):
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs.db")) as record:
        return dict(record.execute("SELECT run_id, status FROM runs").fetchall())


def begun(home):
    return "STARTED" in in_dagster(home).values()


def writing(home):
    return any((home / "build").glob("*.duckdb"))


@pytest.mark.parametrize(
    ("number", "stage"),
    [(signal.SIGTERM, begun), (signal.SIGINT, writing)],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else value.__name__,
)
def test_an_interrupted_refresh_says_so_and_leaves_nothing(home, number, stage):
    before, published = runs(home), (home / "warehouse.duckdb").readlink()
    process = started(home, "refresh")
    until(lambda: stage(home), process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    said, wrong = process.communicate(timeout=120)
    assert (said, wrong, process.returncode) == ("", NOTHING, 128 + number)
    assert (home / "warehouse.duckdb").readlink() == published
    assert len(list((home / "published").glob("*.duckdb"))) == 1
    assert [*(home / "build").glob("*"), *(home / "running").glob("*")] == []
    assert {runs(home)[run_id] for run_id in runs(home).keys() - before.keys()} <= {"interrupted"}
    assert set(in_dagster(home).values()) <= {"SUCCESS", "FAILURE"}
    assert_gone(family)


@pytest.fixture
def many(home, tmp_path):
    """Return a copy of the home with so many portfolios that worker processes value them."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    own = Ledger.open(f"sqlite:///{copy / 'ledger.sqlite'}").for_user("me")
    rows = own.transactions(own.portfolios()[0].portfolio_id).select(
        "date", "type", "account", "symbol", "quantity", "price", "amount", "fee", "tax", "currency"
    )
    for number in range(FEW):
        own.add_transactions(own.create_portfolio(f"P{number}", "EUR").portfolio_id, rows, source="test")
    return copy


def test_workers_end_with_a_run_that_a_terminal_interrupts(many):
    process = started(many, "refresh")
    until(lambda: workers_of(process.pid), process)
    family = psutil.Process(process.pid).children(recursive=True)
    for one in (*workers_of(process.pid), process):
        one.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=120)
    assert (said, wrong, process.returncode) == ("", NOTHING, 128 + signal.SIGINT)
    assert [*(many / "build").glob("*"), *(many / "running").glob("*")] == []
    assert "interrupted" in runs(many).values()
    assert_gone(family)


def test_a_run_killed_in_its_first_second_is_recorded_by_the_next(home):
    before = runs(home)
    process = started(home, "refresh")
    until(lambda: begun(home), process)
    process.kill()
    process.communicate()
    run(home, "refresh")
    new = [runs(home)[run_id] for run_id in runs(home).keys() - before.keys()]
    assert sorted(new) == ["killed", "published"]
    assert set(in_dagster(home).values()) <= {"SUCCESS", "FAILURE"}
    assert list((home / "running").glob("*")) == []


@pytest.mark.parametrize(
    "words",
    [
        ("import", "slow.csv"),
        ("report", "--transactions", "slow.csv", "--prices", "p.csv", "--as-of", "2024-01-03", "--base", "EUR"),
    ],
    ids=lambda words: words[0],
)
def test_ctrl_c_in_any_command_is_one_line(home, words):
    slow = home.parent / "slow.csv"
    slow.unlink(missing_ok=True)
    os.mkfifo(slow)
    process = started(home, *words)
    # Opening waits for the command to open the other end, so it is reading when the signal comes.
    with slow.open("wb"):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    said, wrong = process.communicate(timeout=60)
    assert (said, wrong, process.returncode) == ("", "folio: interrupted\n", 130)
