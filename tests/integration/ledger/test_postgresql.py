"""The same ledger on PostgreSQL: ``TEST_POSTGRESQL_URL`` names an empty database, as an SQLAlchemy URL."""

import os
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from warehouse.ledger import Ledger, NotFoundError
from warehouse.ledger.tables import METADATA
from warehouse.ops import Ops
from warehouse.relational import engine_for, version_table_of, writing

URL = os.environ.get("TEST_POSTGRESQL_URL", "")
pytestmark = pytest.mark.skipif(not URL, reason="TEST_POSTGRESQL_URL names no database")
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
    others = {"runs", "gates", "quarantine", "health", "ops_version"}
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


@pytest.mark.parametrize(
    "statement", ["DELETE FROM ledger_events", "UPDATE ledger_events SET user_id = 'x'", "TRUNCATE ledger_events"]
)
def test_nobody_can_change_the_trail(mine, statement):
    mine.create_portfolio("Savings", "EUR")
    with pytest.raises(DBAPIError, match="append-only"), writing(engine_for(URL)) as connection:
        connection.execute(text(statement))
