"""A run that was killed: seen by whoever looks next, and never mistaken for one that is alive."""

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.ops import Ops, alive, note_killed

ROOT = Path(__file__).parents[3]
NOW = dt.datetime(2026, 1, 5, 18, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
PROGRAM = """
import datetime as dt, sys, time
from pathlib import Path
from warehouse.ops import Ops, alive
with alive(Path(sys.argv[2]), "other"):
    Ops.open(sys.argv[1]).record_run_started("other", "refresh", dt.datetime(2026, 1, 5, 18, tzinfo=dt.UTC))
    print("running", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def ops(settings):
    return Ops.open(settings.ops_url)


@pytest.fixture
def other(settings, ops):
    """Return a process with a run of its own."""
    words = [sys.executable, "-c", PROGRAM, settings.ops_url, str(settings.running_dir)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"running\n"
        yield process
        process.kill()


def states(ops):
    return {run["run_id"]: (run["status"], run["ended_at"]) for run in ops.runs().to_dicts()}


def test_a_killed_run_is_noticed_once_and_a_living_one_never(settings, ops, other):
    assert note_killed(ops, settings.running_dir, now=NOW) == []
    assert states(ops) == {"other": ("running", None)}
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert note_killed(ops, settings.running_dir, now=LATER) == ["other"]
    assert states(ops) == {"other": ("killed", LATER)}
    assert "noticed at 2026-01-05 19:00:00Z" in ops.runs()["message"].item()
    assert note_killed(ops, settings.running_dir, now=LATER) == []
    assert list(settings.running_dir.iterdir()) == []


def test_a_run_of_this_process_is_alive_until_it_ends(settings, ops):
    with alive(settings.running_dir, "mine"):
        ops.record_run_started("mine", "refresh", NOW)
        assert note_killed(ops, settings.running_dir, now=NOW) == []
    assert note_killed(ops, settings.running_dir, now=LATER) == ["mine"]


def test_a_run_that_fails_leaves_no_lock(settings):
    with pytest.raises(KeyboardInterrupt), alive(settings.running_dir, "mine"):
        raise KeyboardInterrupt
    assert list(settings.running_dir.iterdir()) == []


def test_an_end_that_was_recorded_meanwhile_stays(settings, ops):
    ops.record_run_started("mine", "refresh", NOW)
    ops.record_run_ended("mine", "published", "published", NOW)
    assert not ops.record_run_killed("mine", LATER)
    assert states(ops) == {"mine": ("published", NOW)}


def test_what_ran_before_there_were_locks_is_dead(settings, ops):
    ops.record_run_started("old", "refresh", NOW)
    assert note_killed(ops, settings.running_dir, now=LATER) == ["old"]


def test_a_lock_that_nobody_holds_is_removed_even_if_nothing_was_recorded(settings, ops, other):
    (settings.running_dir / "early.lock").touch()
    assert note_killed(ops, settings.running_dir, now=NOW) == []
    assert [path.name for path in settings.running_dir.iterdir()] == ["other.lock"]


def test_a_run_can_be_held_twice_in_one_process(settings, ops):
    with alive(settings.running_dir, "mine"), alive(settings.running_dir, "mine"):
        ops.record_run_started("mine", "refresh", NOW)
    assert list(settings.running_dir.iterdir()) == []
