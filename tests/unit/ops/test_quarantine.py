"""Rows held back: kept once, open until a run that took them is published."""

import datetime as dt

import polars as pl
import pytest

from tests.held import held_back
from warehouse.ops import Ops
from warehouse.ops.quarantine import BELIEVABLE, RESOLUTIONS
from warehouse.schema.ops import QUARANTINE, RELEASED

NOON = dt.datetime(2024, 6, 30, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=1)
NOTHING = pl.DataFrame(schema=RESOLUTIONS)


@pytest.fixture
def ops(tmp_path):
    return Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}")


@pytest.fixture
def quarantine(ops):
    return ops.quarantine()


def resolving(**how):
    return pl.DataFrame([{"quarantine_id": int(name.strip("_")), "resolution": word} for name, word in how.items()])


def end(ops, run_id, status):
    ops.record_run_started(run_id, "refresh", NOON)
    ops.record_run_ended(run_id, status, None, LATER)


def seen(frame):
    return frame.select("quarantine_id", "value", "state", "resolution").rows()


def test_a_row_that_is_held_back_again_is_the_same_row_seen_again(quarantine):
    quarantine.record("r1", held_back(value="9"), NOTHING, NOON)
    quarantine.record("r2", pl.concat([held_back(value="8"), held_back(rule="other")]), NOTHING, LATER)
    rows = quarantine.rows()
    assert rows.schema == QUARANTINE.polars_schema
    assert rows.select("quarantine_id", "run_id", "rule", "value", "first_seen_at", "last_seen_at").rows() == [
        (1, "r2", "jump", "8", NOON, LATER),
        (2, "r2", "other", "1", LATER, LATER),
    ]


def test_a_row_has_its_value_since_that_came_or_came_again_after_it_was_resolved(ops, quarantine):
    def since(value, at, **resolved):
        nothing = resolving(**resolved) if resolved else NOTHING
        quarantine.record("r", held_back(value=value) if value else held_back().clear(), nothing, at)
        return quarantine.rows()["value_since_at"].item()

    hours = [NOON + dt.timedelta(hours=number) for number in range(5)]
    assert [since("9", hours[0]), since("9", hours[1])] == [hours[0], hours[0]]
    assert [since("8", hours[2]), since("8", hours[3])] == [hours[2], hours[2]]
    since(None, hours[3], _1=BELIEVABLE)
    end(ops, "r", "published")
    assert since("8", hours[4]) == hours[4]
    assert quarantine.rows()["first_seen_at"].item() == NOON


@pytest.mark.parametrize(
    ("status", "state", "resolved_at"),
    [("published", "resolved", LATER), ("failed", "open", None), ("killed", "open", None)],
)
def test_a_row_is_resolved_by_the_publication_of_the_run_that_took_it(ops, quarantine, status, state, resolved_at):
    quarantine.record("r1", held_back(), NOTHING, NOON)
    quarantine.record("r2", held_back().clear(), resolving(_1=BELIEVABLE), LATER)
    assert quarantine.open_rows().height == 1
    assert seen(quarantine.rows(as_of_run="r2")) == [(1, "1", "resolved", BELIEVABLE)]
    end(ops, "r2", status)
    assert quarantine.rows().select("state", "resolved_at").row(0) == (state, resolved_at)


def test_what_enters_by_its_release_is_released(ops, quarantine):
    quarantine.record("r1", held_back(), NOTHING, NOON)
    quarantine.record("r2", held_back().clear(), resolving(_1=RELEASED), LATER)
    end(ops, "r2", "published")
    assert seen(quarantine.rows()) == [(1, "1", "released", RELEASED)]


def test_a_resolved_row_that_is_held_back_again_is_open_again(ops, quarantine):
    quarantine.record("r1", held_back(), NOTHING, NOON)
    quarantine.record("r2", held_back().clear(), resolving(_1=BELIEVABLE), NOON)
    end(ops, "r2", "published")
    quarantine.record("r3", held_back(value="7"), NOTHING, LATER)
    assert seen(quarantine.open_rows()) == [(1, "7", "open", None)]
    end(ops, "r2", "published")
    assert quarantine.open_rows().height == 1
