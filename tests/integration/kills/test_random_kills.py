"""`folio refresh`, killed at fifty random moments: the last good publication stays, and running again makes it whole.

Run by hand, for it takes many minutes (see CONTRIBUTING). Real processes, the real clients, the replay server. The
deployment's clock moves on a day each time, so that every run has rows to write. How far it is stands in ``kills.log``
in the test's folder.
"""

import datetime as dt
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from filelock import FileLock

from tests.integration.defs.conftest import buy
from tests.replay import ReplayServer, charts
from warehouse.ledger import Ledger
from warehouse.published import latest
from warehouse.seals import is_as_sealed
from warehouse.settings import Settings

ROOT = Path(__file__).parents[3]
KILLS, SEEDS = 25, (1, 2)
SYMBOLS = ("AAPL", "SPY")
BOUGHT = dt.date(2022, 6, 1)
PRICES = pl.read_parquet(charts.DEMO / "prices.parquet").filter(pl.col("symbol").is_in(SYMBOLS))
DAYS = sorted(day for day in PRICES["date"].unique() if day > dt.date(2022, 6, 30))

pytestmark = pytest.mark.kills


class Folio:
    """The command, in one home, in processes that may be killed."""

    def __init__(self, folder: Path, url: str) -> None:
        self.settings = Settings(home=folder / "home", _env_file=None)
        self._log = folder / "log"
        self._environment = {
            "FOLIO_HOME": str(self.settings.home),
            "FOLIO_YAHOO_URL": url,
            "FOLIO_ECB_URL": url,
            "FOLIO_YAHOO_LIMITS": "none",
        }
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "folio_server.py")],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._said() == "ready"

    def run(self, day: dt.date, *, kill_after: float | None = None) -> tuple[int, float]:
        """Refresh as of a day; return the exit code and how long it took."""
        asked = {"words": ["refresh"], "environment": {**self._environment, "FOLIO_CLOCK": str(day)}}
        self._server.stdin.write(json.dumps({**asked, "log": str(self._log)}) + "\n")
        self._server.stdin.flush()
        pid, began = int(self._said()), time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it was done before
                os.kill(pid, signal.SIGKILL)
        return int(self._said()), time.monotonic() - began

    def log(self) -> str:
        return self._log.read_text()[-2_000:]

    def close(self) -> None:
        self._server.stdin.close()
        self._server.wait(timeout=60)

    def _said(self) -> str:
        return self._server.stdout.readline().strip()


@pytest.fixture
def folio(tmp_path):
    with ReplayServer() as server:
        settings = Settings(home=tmp_path / "home", _env_file=None)
        settings.home.mkdir()
        ledger = Ledger.open(settings.ledger_url)
        portfolio = ledger.for_user("me").create_portfolio("Main", "EUR", benchmark="SPY")
        buy(ledger, portfolio.portfolio_id, "AAPL", BOUGHT)
        folio = Folio(tmp_path, server.url)
        yield folio
        folio.close()


def expected(day: dt.date) -> list[tuple[str, dt.date, Decimal]]:
    """Return the closes that are stored once a run as of that day has published."""
    first = BOUGHT - dt.timedelta(days=7)
    return (
        PRICES.filter(pl.col("date").is_between(first, day))
        .sort("symbol", "date")
        .select("symbol", "date", "close")
        .rows()
    )


def published(settings: Settings) -> tuple[dt.date, list[tuple[str, dt.date, Decimal]]]:
    """Return the last publication's day and closes; it is as it was published, and every total adds up."""
    file = latest(settings).path
    assert is_as_sealed(file, file)
    with duckdb.connect(str(file), read_only=True) as db:
        (day,) = db.execute("SELECT max(as_of) FROM publications").fetchone()
        rows = db.execute("SELECT symbol, date, close FROM price_history ORDER BY symbol, date").fetchall()
        assert db.execute("SELECT count(*) FROM price_history_revisions").fetchone() == (0,)
        assert db.execute("SELECT quantity FROM holdings").fetchall() == [(Decimal(10),)]
        assert db.execute("SELECT count(*), count(DISTINCT publication_id) FROM publications").fetchone() != (0, 0)
    return day, rows


def assert_nothing_is_left(settings: Settings) -> None:
    """Assert that no lock is held, no file is half written, and nobody takes a run for running."""
    with FileLock(settings.lock_path, timeout=0):
        pass
    assert [*settings.build_dir.glob("*"), *settings.running_dir.glob("*")] == []
    assert [*settings.staging_dir.rglob("*.part"), *settings.home.glob(".warehouse*")] == []
    seals = {file.stem for file in settings.published_dir.glob("*.json")}
    assert seals == {file.stem for file in settings.published_dir.glob("*.duckdb")}
    with closing(sqlite3.connect(settings.ops_path)) as ops:
        assert ops.execute("SELECT count(*) FROM runs WHERE status = 'running'").fetchone() == (0,)
    with closing(sqlite3.connect(settings.dagster_dir / "history" / "runs.db")) as dagster:
        assert {status for (status,) in dagster.execute("SELECT status FROM runs")} <= {"SUCCESS", "FAILURE"}


@pytest.mark.parametrize("seed", SEEDS)
def test_kills_at_random_moments(folio, seed):
    settings, chance, days = folio.settings, random.Random(seed), iter(DAYS)  # noqa: S311 - moments, no secrets
    good = next(days)
    code, _ = folio.run(good)
    assert code == 0, folio.log()
    code, whole = folio.run(good)
    assert code == 0, folio.log()
    kills, came_through, reruns = 0, 0, []
    ended: Counter[str] = Counter()
    for day in days:
        moment = chance.uniform(0, whole)
        code, _ = folio.run(day, kill_after=moment)
        if code == -signal.SIGKILL:
            kills += 1
        at, rows = published(settings)
        assert at in {good, day}
        assert rows == expected(at)
        came_through += at == day
        code, seconds = folio.run(day)
        assert code == 0, folio.log()
        assert published(settings) == (day, expected(day))
        assert_nothing_is_left(settings)
        whole = seconds  # a machine that has more or less to do takes longer or shorter
        reruns.append(seconds)
        said = (
            f"seed {seed}: kill {kills} after {moment:.1f} s; the publication was that of {at}; rerun {seconds:.1f} s"
        )
        with (folio.settings.home.parent / "kills.log").open("a") as log:
            log.write(f"{said}\n")
        good = day
        if kills == KILLS:
            break
    with closing(sqlite3.connect(settings.ops_path)) as ops:
        ended.update(status for (status,) in ops.execute("SELECT status FROM runs"))
    print(  # noqa: T201 - the figures of this run, for whoever runs it by hand
        f"\n{kills} kills over {whole:.1f} s of a run; published before the kill {came_through}; "
        f"reruns {min(reruns):.1f} to {max(reruns):.1f} s; runs by their end {dict(ended)}"
    )
    assert kills == KILLS
