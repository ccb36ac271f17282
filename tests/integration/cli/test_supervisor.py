"""The parent of the pages: a dead child comes back, and none outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.processes import assert_gone

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, sys
from pipelines.cli import supervisor as module
module.GRACE_SECONDS = 1.0
sleep = "import time; time.sleep(600)"
mother = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); {sleep}"
deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {sleep}"
supervisor = module.Supervisor(
    [
        module.Service(name=name, command=[sys.executable, "-c", code], environment=dict(os.environ))
        for name, code in (("mother", mother), ("deaf", deaf))
    ],
    say=lambda line: print(line, flush=True),
)
supervisor.start()
print(*supervisor.pids.values(), flush=True)
supervisor.run()
print("left", flush=True)
"""


def waited(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Parent:
    """A supervisor in a process of its own, with a child that has a child, a deaf one, and its guard."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.mother, self.deaf = (psutil.Process(int(pid)) for pid in self.said().split())
        assert waited(lambda: len(self.family()) == 4)

    def said(self):
        return self.process.stdout.readline().strip()

    def family(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    @property
    def guard(self):
        return next(p for p in self.family() if "guard.py" in " ".join(p.cmdline()))


@pytest.fixture
def parent():
    started = Parent()
    yield started
    if started.process.poll() is None:
        started.process.terminate()
        started.process.wait(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_every_child_even_a_deaf_one(parent, number):
    family = parent.family()
    parent.process.send_signal(number)
    assert parent.said() == "left"
    assert parent.process.wait(timeout=20) == 0
    assert_gone(family)


def test_a_dead_child_is_started_again_without_its_old_children(parent):
    grandchild = parent.mother.children()[0]
    parent.mother.kill()
    assert parent.said().startswith("mother ended with -9; it starts again in 2 s")
    assert parent.said() == "mother is running again"
    assert_gone([grandchild])
    assert waited(lambda: len(parent.family()) == 4)
    assert parent.deaf.is_running()


def test_nothing_outlives_a_parent_that_was_killed(parent):
    family = parent.family()
    parent.process.kill()
    parent.process.wait()
    assert_gone(family)


def test_a_guard_that_was_killed_is_replaced_and_knows_what_to_end(parent):
    first = parent.guard
    first.kill()
    assert waited(lambda: not first.is_running() and len(parent.family()) == 4)
    time.sleep(0.2)
    test_nothing_outlives_a_parent_that_was_killed(parent)
