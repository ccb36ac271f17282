"""Several processes and one ledger: none is lost, none sees half a change, all can start at once."""

import multiprocessing
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from warehouse.ledger import Ledger
from warehouse.ops import Ops
from warehouse.relational import connect
from warehouse.relational.errors import DatabaseBusyError

PROCESSES = 4
EACH = 15


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as processes:
        yield processes


def _add_rows(url, portfolio_id, rows):
    mine = Ledger.open(url).for_user("me")
    for number in range(EACH):
        mine.add_transactions(portfolio_id, rows, source=f"{number}")


def _add_file(url, portfolio_id, rows):
    return Ledger.open(url).for_user("me").add_transactions(portfolio_id, rows, source="t.csv", sha256="t").added


def _open(url):
    return Ledger.open(url).for_user("me").user, Ops.open(url.replace("ledger.", "ops.")).runs().height


def test_no_change_is_lost(url, bought, pool):
    mine = Ledger.open(url).for_user("me")
    key = mine.create_portfolio("Savings", "EUR").portfolio_id
    rows = bought({"quantity": Decimal("1.5")}, {})
    for done in [pool.submit(_add_rows, url, key, rows) for _ in range(PROCESSES)]:
        done.result()
    added = PROCESSES * EACH
    assert mine.portfolio(key).version == 1 + added
    assert mine.transactions(key)["sequence"].to_list() == list(range(1, 2 * added + 1))
    assert sum(event.entity == "transaction" for event in mine.events(key)) == 2 * added
    assert len(mine.imports(key)) == added


def test_one_file_from_many_at_once_is_added_once(url, bought, pool):
    mine = Ledger.open(url).for_user("me")
    key = mine.create_portfolio("Savings", "EUR").portfolio_id
    done = [pool.submit(_add_file, url, key, bought({}, {})) for _ in range(2 * PROCESSES)]
    assert sorted(one.result() for one in done) == [0] * (2 * PROCESSES - 1) + [2]
    assert mine.transactions(key).height == 2


def test_many_can_open_what_does_not_exist_yet(url, pool):
    assert list(pool.map(_open, [url] * 3 * PROCESSES)) == [("me", 0)] * 3 * PROCESSES
    assert Ledger.open(url).users() == ["me"]


def test_whoever_cannot_make_a_file_that_another_holds_says_so(url, tmp_path, monkeypatch):
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            Ledger.open(url)
        other.execute("ROLLBACK")
    assert Ledger.open(url).users() == []


def test_readers_do_not_wait_for_a_writer(url, tmp_path):
    mine = Ledger.open(url).for_user("me")
    mine.create_portfolio("Savings", "EUR")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE portfolios SET name = 'Half done'")
        assert [one.name for one in mine.portfolios()] == ["Savings"]
        writer.execute("ROLLBACK")


def test_a_writer_who_waits_in_vain_says_so(url, tmp_path, monkeypatch):
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_SECONDS", 0.05)
    mine = Ledger.open(url).for_user("me")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError) as caught:
            mine.create_portfolio("Savings", "EUR")
        writer.execute("ROLLBACK")
    assert caught.value.waited_seconds == 0.05
    assert mine.create_portfolio("Savings", "EUR").version == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_events SET user_id = 'nobody'",
        "DELETE FROM ledger_events",
        "INSERT OR REPLACE INTO ledger_events SELECT * FROM ledger_events",
    ],
)
def test_nobody_can_change_the_trail(url, tmp_path, statement):
    mine = Ledger.open(url).for_user("me")
    key = mine.create_portfolio("Savings", "EUR").portfolio_id
    before = mine.events(key)
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert mine.events(key) == before
    assert len(before) == 1


def test_opening_what_is_up_to_date_loads_no_alembic(url):
    Ledger.open(url)
    code = f"import sys; from warehouse.ledger import Ledger; Ledger.open({url!r}); print('alembic' in sys.modules)"
    root = Path(__file__).parents[3]
    out = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
