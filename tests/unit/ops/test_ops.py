"""What happened: written by whoever does something, read by whoever it blocked."""

import datetime as dt
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
import pytest

from warehouse.ops import Ops
from warehouse.ops.ops import RUN_SCHEMA
from warehouse.ops.providers import HEALTH_SCHEMA
from warehouse.schema.ops import QUALITY_RESULTS

NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(minutes=5)


@pytest.fixture
def ops(tmp_path) -> Ops:
    return Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}")


def test_a_run_has_a_start_and_an_end(ops):
    ops.record_run_started("r1", "refresh", NOON)
    ops.record_run_started("r2", "refresh", LATER)
    ops.record_run_ended("r1", "blocked", "prices: 2 rows", LATER)
    assert ops.runs().schema == pl.Schema(RUN_SCHEMA)
    assert ops.runs().rows() == [
        ("r2", "refresh", "running", None, LATER, None),
        ("r1", "refresh", "blocked", "prices: 2 rows", NOON, LATER),
    ]
    assert ops.runs(limit=1)["run_id"].to_list() == ["r2"]


def test_the_last_run_that_came_to_nothing_since(ops):
    for number, status in enumerate(["failed", "killed", "published", "failed"]):
        ops.record_run_started(f"r{number}", "eod", NOON + dt.timedelta(hours=number))
        ops.record_run_ended(f"r{number}", status, f"why {number}", NOON + dt.timedelta(hours=number, minutes=1))
    ops.record_run_started("r4", "eod", NOON + dt.timedelta(hours=4))
    assert ops.last_failed(NOON) == ("eod", "why 3", NOON + dt.timedelta(hours=3, minutes=1))
    assert ops.last_failed(NOON + dt.timedelta(hours=3, minutes=1)) is None


def test_what_is_kept_open_says_the_same_and_leaves_nothing_open(ops, tmp_path):
    with ops.kept_open() as kept:
        for number in range(3):
            kept.record_run_started(f"r{number}", "refresh", NOON)
        assert ops.running() == kept.running() == ["r0", "r1", "r2"]
        ops.record_run_ended("r1", "failed", None, LATER)
        assert kept.running() == ["r0", "r2"]
        assert kept._engine.pool.checkedin() == 1
    assert [file.name for file in tmp_path.iterdir()] == ["ops.sqlite"]


def test_threads_have_connections_of_their_own(ops):
    with ops.kept_open() as kept, ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: kept.record_run_started(f"r{number}", "refresh", NOON), range(20)))
    assert len(ops.running()) == 20


def test_a_forked_process_opens_its_own(ops):
    with ops.kept_open() as kept:
        kept.record_run_started("parent", "refresh", NOON)
        child = os.fork()
        if not child:
            try:
                kept.record_run_started("child", "refresh", LATER)
            finally:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        kept.record_run_started("after", "refresh", LATER)
    assert sorted(ops.running()) == ["after", "child", "parent"]


def test_a_run_whose_start_was_lost_is_there_all_the_same(ops):
    ops.record_run_ended("r1", "failed", "killed", NOON)
    assert ops.runs().rows() == [("r1", "", "failed", "killed", NOON, NOON)]


def test_old_runs_are_forgotten_with_what_their_gates_found(ops):
    for number, run_id in enumerate(["old", "stuck", "late", "last"]):
        ops.record_run_started(run_id, "refresh", NOON + dt.timedelta(minutes=number))
        ops.record_gate(run_id, "symbols", "meets_declaration", True, True, 0, None, NOON)
        if run_id != "stuck":
            ops.record_run_ended(run_id, "published", None, LATER)
    assert ops.forget_runs(keep=2) == ["old"]
    assert ops.runs()["run_id"].to_list() == ["last", "late", "stuck"]
    assert sorted(ops.gates()["run_id"]) == ["last", "late", "stuck"]
    assert ops.forget_runs(keep=2) == []


def test_the_last_finding_of_a_gate_counts(ops):
    ops.record_gate("r1", "price_history", "meets_declaration", False, True, 2, '[{"symbol": "A"}]', NOON)
    ops.record_gate("r1", "price_history", "meets_declaration", True, True, 0, None, LATER)
    ops.record_gate("r2", "symbols", "meets_declaration", True, True, 0, None, LATER)
    assert ops.gates().schema == QUALITY_RESULTS.polars_schema
    assert ops.gates("r1").rows() == [("r1", "price_history", "meets_declaration", True, True, 0, None, LATER)]
    assert ops.gates().height == 2


def test_health_is_the_last_answer_and_how_many_questions_have_failed(ops):
    minutes = [NOON + dt.timedelta(minutes=minute) for minute in range(4)]
    for ok, now in zip((True, False, True, False), minutes, strict=True):
        ops.providers().record_call("yahoo", ok, 20, None if ok else "HTTP 500", now)
    ops.providers().record_call("ecb", False, None, "HTTP 503", NOON)
    ops.providers().change_circuit("ecb", lambda circuit: (replace(circuit, failures_in_a_row=3), None))
    assert ops.providers().health().schema == pl.Schema(HEALTH_SCHEMA)
    assert ops.providers().health().rows() == [
        ("ecb", False, None, "HTTP 503", NOON, None, 3),
        ("yahoo", False, 20, "HTTP 500", minutes[3], minutes[2], 0),
    ]


def test_nothing_happened_yet(ops):
    seen = (ops.runs(), ops.gates(), ops.quarantine().rows(), ops.providers().health())
    assert [frame.height for frame in seen] == [0, 0, 0, 0]
    assert ops.providers().health().schema == pl.Schema(HEALTH_SCHEMA)


def test_health_does_not_grow_for_ever_whoever_takes_turns(ops, tmp_path):
    turns = [(("ecb", "yahoo")[number % 2], True, number, NOON.isoformat(" ")) for number in range(1, 1200)]
    with sqlite3.connect(tmp_path / "ops.sqlite") as connection:
        connection.executemany("INSERT INTO health (source, ok, latency_ms, asked_at) VALUES (?, ?, ?, ?)", turns)
    ops.providers().record_call("ecb", True, 1200, None, LATER)
    assert dict(ops.providers().health().select("source", "latency_ms").rows()) == {"ecb": 1200, "yahoo": 1199}
    with sqlite3.connect(tmp_path / "ops.sqlite") as connection:
        kept = connection.execute(
            "SELECT source, count(*), min(latency_ms) FROM health GROUP BY source ORDER BY source"
        )
        assert kept.fetchall() == [("ecb", 500, 202), ("yahoo", 500, 201)]
