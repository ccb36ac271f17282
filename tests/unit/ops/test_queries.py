"""What was asked in SQL stays on record."""

import datetime as dt

import polars as pl
import pytest

from warehouse.ops import Ops
from warehouse.ops import queries as module
from warehouse.ops.queries import QUERIES_SCHEMA

NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)


@pytest.fixture
def queries(tmp_path):
    return Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}").queries()


def test_a_query_is_on_record_before_it_is_run_and_then_with_its_end(queries):
    first = queries.asked("ann", "p1", "SELECT 1", NOON)
    second = queries.asked("bob", "p1", "COPY x TO 'y'", NOON)
    queries.ended(second, "refused", message="not a query that reads", rows=None, milliseconds=3)
    found = queries.last()
    assert found.schema == pl.Schema(QUERIES_SCHEMA)
    assert found.rows() == [
        (second, "bob", "p1", "COPY x TO 'y'", "refused", "not a query that reads", None, 3, NOON),
        (first, "ann", "p1", "SELECT 1", "asked", None, None, None, NOON),
    ]


def test_what_no_database_takes_is_kept_as_far_as_it_goes(queries):
    queries.asked("ann", "p1", "SELECT '\ud800\0'" + "x" * 200_000, NOON)
    [text] = queries.last()["query"]
    assert text.startswith("SELECT '?\N{REPLACEMENT CHARACTER}'xxx")
    assert len(text) == 100_000


def test_old_queries_are_forgotten(queries, monkeypatch):
    monkeypatch.setattr(module, "QUERIES_KEPT", 2)
    for number in range(4):
        queries.asked("ann", "p1", f"SELECT {number}", NOON)
    assert queries.last()["query"].to_list() == ["SELECT 3", "SELECT 2"]
