"""The same ledger on PostgreSQL: ``TEST_POSTGRESQL_URL`` names an empty database, as an SQLAlchemy URL."""

import itertools
import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import polars as pl
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipelines.providers.circuit import Breaker
from pipelines.providers.limits import Limit
from pipelines.sources.errors import SourceError
from pipelines.sources.pacing import Pace
from tests.guards import Clock
from tests.held import held_back
from tests.places import required
from tests.unit.ledger.conftest import NOON
from warehouse.ledger import Alert, ChangedMeanwhileError, Ledger, LedgerError, NotFoundError, NothingToUndoError
from warehouse.ledger.tables import METADATA
from warehouse.ops import Ops
from warehouse.ops import tables as ops_tables
from warehouse.ops.providers import Circuit
from warehouse.ops.quarantine import RESOLUTIONS
from warehouse.relational import engine_for, version_table_of, writing

URL = os.environ.get("TEST_POSTGRESQL_URL", "")
pytestmark = pytest.mark.skipif(not URL and not required(), reason="TEST_POSTGRESQL_URL names no database")
WRITERS, EACH = 4, 10


@pytest.fixture
def mine():
    repository = Ledger.open(URL).for_user("me")
    for portfolio in repository.portfolios():
        repository.delete_portfolio(portfolio.portfolio_id)
    return repository


def test_migrations_build_what_the_tables_declare(mine):
    del mine
    Ops.open(URL)
    with engine_for(URL).connect() as connection:
        options = {"compare_type": True, "version_table": version_table_of("warehouse.ledger")}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    others = {*ops_tables.METADATA.tables, "ops_version"}
    assert [
        one for one in differences if getattr(one[1], "name", None) not in others and one[0] != "remove_index"
    ] == []


def test_no_change_is_lost(mine, bought):
    key = mine.create_portfolio("Savings", "EUR").portfolio_id
    rows = bought({}, {})

    def write() -> None:
        for number in range(EACH):
            mine.add_transactions(key, rows, source=f"{number}")

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert mine.portfolio(key).version == 1 + WRITERS * EACH
    assert mine.transactions(key)["sequence"].to_list() == list(range(1, 2 * WRITERS * EACH + 1))


def test_a_portfolio_lives_and_dies(mine, bought):
    key = mine.create_portfolio("Savings", "EUR").portfolio_id
    rows = bought({"external_id": "1"})
    mine.add_transactions(key, rows, source="x")
    assert mine.add_transactions(key, rows, source="x").unchanged == 1
    transaction_id = mine.transactions(key)["transaction_id"][0]
    assert mine.transactions(key).select(rows.columns).equals(rows)
    mine.update_transaction(key, transaction_id, {"note": "x"})
    mine.delete_transaction(key, transaction_id)
    assert [event.action for event in mine.events(key)][-3:] == ["added", "changed", "deleted"]
    mine.delete_portfolio(key)
    with pytest.raises(NotFoundError):
        mine.portfolio(key)


def test_what_many_watch_at_once_is_on_the_list(mine):
    watchlist = Ledger.open(URL).for_user(uuid4().hex).watchlist()
    numbers = itertools.count()
    assert _at_once(lambda: watchlist.watch(f"S{next(numbers)}", target=Decimal("1.5"))) == {"done": 8}
    assert (len(watchlist.watched()), watchlist.version(), len(watchlist.events())) == (8, 8, 8)
    watchlist.add_alert(Alert("S0", "above", Decimal("2.50")))
    assert watchlist.alerts() == [Alert("S0", "above", Decimal("2.5"))]
    watchlist.unwatch("S0")
    assert (watchlist.alerts(), watchlist.version()) == ([], 10)


def test_changes_are_undone_seen_and_held_to_a_check(mine, bought):
    key = mine.create_portfolio("Savings", "EUR").portfolio_id
    mine.add_transactions(key, bought({"external_id": "1"}), source="x")
    before = mine.frames(key)
    row = before.transactions.drop("transaction_id", "sequence").row(0, named=True)
    transaction_id = before.transactions["transaction_id"][0]
    mine.update_transaction(key, transaction_id, {"note": "x"}, seen=row)
    with pytest.raises(ChangedMeanwhileError):
        mine.delete_transaction(key, transaction_id, seen=row)
    mine.delete_transaction(key, transaction_id)
    mine.undo(key, expected_version=4)
    mine.undo(key, expected_version=5)
    assert mine.frames(key).transactions.equals(before.transactions)

    def refuse(_before, _after):
        raise NothingToUndoError(key)

    with pytest.raises(NothingToUndoError):
        mine.held_to(refuse).delete_transaction(key, transaction_id)
    assert mine.portfolio(key).version == 6


def test_only_one_of_many_undoes_a_change(mine, bought):
    key = mine.create_portfolio("Savings", "EUR").portfolio_id
    mine.add_transactions(key, bought({}), source="x")
    mine.put_account(key, "New")
    assert _at_once(lambda: mine.undo(key, expected_version=3)) == {"done": 1, "StaleVersionError": 7}
    assert [one.account for one in mine.accounts(key)] == ["Depot"]


def _at_once(call: Callable[[], object]) -> Counter[str]:
    """Call something in eight threads at the same moment, and count how it ended."""
    together = threading.Barrier(8)

    def outcome(_number: int) -> str:
        together.wait()
        try:
            call()
        except (LedgerError, DBAPIError, SourceError) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(together.parties) as pool:
        return Counter(pool.map(outcome, range(together.parties)))


def test_what_many_do_at_once_is_done_once(mine):
    ledger, ops, new = Ledger.open(URL), Ops.open(URL), uuid4().hex
    assert _at_once(lambda: ledger.for_user(new)) == {"done": 8}
    assert _at_once(lambda: mine.create_portfolio(new, "EUR")) == {"done": 1, "DuplicateNameError": 7}
    assert _at_once(lambda: ledger.mark("own")) == {"done": 8}
    assert _at_once(lambda: ops.record_run_ended(new, "done", None, NOON)) == {"done": 8}
    assert _at_once(lambda: ops.record_gate(new, "t", "r", True, True, 0, None, NOON)) == {"done": 8}
    held = held_back(table_name=new)
    nothing = pl.DataFrame(schema=RESOLUTIONS)
    assert _at_once(lambda: ops.quarantine().record(new, held, nothing, NOON)) == {"done": 8}
    assert ops.gates(new).height == 1
    assert ops.quarantine().rows().filter(pl.col("table_name") == new).height == 1


@pytest.mark.parametrize(
    "statement", ["DELETE FROM ledger_events", "UPDATE ledger_events SET user_id = 'x'", "TRUNCATE ledger_events"]
)
def test_nobody_can_change_the_trail(mine, statement):
    mine.create_portfolio("Savings", "EUR")
    with pytest.raises(DBAPIError, match="append-only"), writing(engine_for(URL)) as connection:
        connection.execute(text(statement))


def test_one_of_many_gets_the_probe_and_a_quota_is_spent_once(mine):
    providers, source, clock = Ops.open(URL).providers(), uuid4().hex, Clock()
    breaker, limits = Breaker(), [Limit(5, 86_400)]
    providers.change_circuit(source, lambda _: (Circuit(failures_in_a_row=5, opened_at=NOON), None))
    clock.now = NOON + breaker.leave_alone
    probes = []

    def ask() -> None:
        entry = providers.change_circuit(source, lambda circuit: breaker.enter(circuit, clock.now))
        probes.append(entry.probe)
        Pace(source, limits, providers=providers, clock=clock, sleep=clock.sleep)()
        providers.record_call(source, True, 1, None, clock.now)

    assert _at_once(ask) == {"done": 5, "QuotaSpentError": 3}
    assert sum(probes) == 1
    assert (source, 5, 0) in providers.calls(clock.now.date()).rows()
    assert providers.circuit(source).probe_until == clock.now + breaker.probe_time
