"""The parent of the pages: a dead child comes back, and none outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pipelines.cli.supervisor import Service, Supervisor
child = [sys.executable, "-c", "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); time.sleep(600)"]
deaf = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"]
import pipelines.cli.supervisor as module
module.GRACE_SECONDS = 1.0
import os
supervisor = Supervisor([Service(name=n, command=c, environment=dict(os.environ)) for n, c in (("one", child), ("two", deaf))], say=lambda line: print(line, flush=True))
supervisor.start()
print("ready", flush=True)
supervisor.run()
"""


def waited(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def parent():
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    assert waited(lambda: len(psutil.Process(process.pid).children(recursive=True)) == 3)
    yield process
    if process.poll() is None:
        process.kill()


def family(process):
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes):
    return all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_child_even_a_deaf_one(parent, number):
    children = family(parent)
    parent.send_signal(number)
    assert parent.wait(timeout=20) == 0
    assert gone(children)


def test_a_dead_child_is_started_again_without_its_old_children(parent):
    first = next(p for p in psutil.Process(parent.pid).children() if p.children())
    grandchild = first.children()[0]
    first.kill()
    assert "one ended with -9" in parent.stdout.readline()
    assert "one is running again" in parent.stdout.readline()
    assert waited(lambda: gone([grandchild]))
    assert len(psutil.Process(parent.pid).children()) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with a parent that was killed")
def test_children_die_with_a_parent_that_was_killed(parent):
    direct = [p for p in psutil.Process(parent.pid).children() if p.children()]
    parent.kill()
    parent.wait()
    assert waited(lambda: gone(direct))
