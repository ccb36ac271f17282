"""One parent for the dashboard and Dagster: it restarts a dead child, passes signals on and leaves no orphan.

Belongs here: the life of child processes. Does not: which children there are (`serve`), what ends them once this
process is gone itself (`guard`).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from pipelines.cli import guard

GRACE_SECONDS = 8.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
STEADY_SECONDS = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A child to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    cwd: str | None = None
    log: str | None = None


@dataclass(slots=True)
class _Child:
    service: Service
    process: subprocess.Popen[bytes]
    started: float
    pause: float = FIRST_PAUSE
    restart_at: float | None = field(default=None)
    deaths: int = 0


class Supervisor:
    """Starts services and keeps them until it is told to stop.

    From `start` to `stop` it takes SIGINT, SIGTERM and SIGHUP for itself; its caller looks at `stopping`.

    Args:
        services: The children.
        say: Told, in a line, of deaths and restarts.
    """

    def __init__(self, services: Sequence[Service], say: Callable[[str], None]) -> None:
        self._services = services
        self._say = say
        self._children: list[_Child] = []
        self._former_handlers: dict[signal.Signals, Any] = {}
        self._guard: subprocess.Popen[bytes] | None = None
        self.stopping = False

    @property
    def pids(self) -> dict[str, int]:
        """Return the process of each service."""
        return {child.service.name: child.process.pid for child in self._children}

    @property
    def deaths(self) -> dict[str, int]:
        """Return how often each service has ended by itself."""
        return {child.service.name: child.deaths for child in self._children}

    def start(self) -> None:
        """Start every service, each in a process group of its own."""
        self._former_handlers = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        self._guard = _spawn_guard()
        for service in self._services:
            self.add(service)

    def add(self, service: Service) -> None:
        """Start one more service."""
        self._children.append(_Child(service, self._spawn(service), time.monotonic()))

    def run(self) -> None:
        """Keep the services running until a signal, then end them all."""
        try:
            while not self.stopping:
                self.tend()
                time.sleep(0.2)
        finally:
            self.stop()

    def tend(self) -> None:
        """See to every service once: notice a death, start again what has paused for long enough."""
        now = time.monotonic()
        for child in self._children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.process, child.started, child.restart_at = self._spawn(child.service), now, None
                    self._say(f"{child.service.name} is running again")
            elif child.process.poll() is not None:
                self._mourn(child, now)
        if self._guard is not None and self._guard.poll() is not None:
            self._guard = _spawn_guard()
            for child in self._children:
                self._tell_guard("+", child.process.pid)

    def stop(self) -> None:
        """End every process group: politely, then by force; nothing is left behind."""
        self.stopping = True
        children, self._children = self._children, []
        family = [process for child in children for process in _family(child.process.pid)]
        for child in children:
            _signal_group(child.process.pid, signal.SIGTERM)
        alive = _still_alive(family, GRACE_SECONDS)
        for child in children:
            _signal_group(child.process.pid, signal.SIGKILL)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _still_alive(alive, GRACE_SECONDS)
        for child in children:
            child.process.wait()
            self._tell_guard("-", child.process.pid)
        self._dismiss_guard()
        for number, handler in self._former_handlers.items():
            signal.signal(number, handler)
        self._former_handlers = {}

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        self.stopping = True

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        output = Path(service.log).open("ab") if service.log else None  # noqa: SIM115 - handed to the child
        try:
            process = subprocess.Popen(
                list(service.command),
                env=dict(service.environment),
                cwd=service.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output or subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            if output is not None:
                output.close()
        self._tell_guard("+", process.pid)
        return process

    def _mourn(self, child: _Child, now: float) -> None:
        # What the dead child started must not outlive it, or the restart finds its port taken.
        _signal_group(child.process.pid, signal.SIGKILL)
        self._tell_guard("-", child.process.pid)
        steady = now - child.started > STEADY_SECONDS
        child.deaths += 1
        child.pause = FIRST_PAUSE if steady else min(child.pause * 2, LONGEST_PAUSE)
        child.restart_at = now + child.pause
        where = f"; see {child.service.log}" if child.service.log else ""
        code = child.process.returncode
        self._say(f"{child.service.name} ended with {code}; it starts again in {child.pause:.0f} s{where}")

    def _tell_guard(self, sign: str, group: int) -> None:
        if self._guard is not None and self._guard.stdin is not None:
            with contextlib.suppress(
                BrokenPipeError
            ):  # a guard that was ended is replaced when the services are tended
                self._guard.stdin.write(f"{sign}{group}\n".encode())
                self._guard.stdin.flush()

    def _dismiss_guard(self) -> None:
        if self._guard is None:
            return
        with contextlib.suppress(BrokenPipeError):
            self._guard.communicate()
        self._guard = None


def _spawn_guard() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", guard.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _still_alive(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Return those that have not ended in time."""
    deadline = time.monotonic() + seconds
    while processes := [process for process in processes if _runs(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return processes


def _runs(process: psutil.Process) -> bool:
    # Where process 1 reaps nobody, as in some containers, an ended grandchild stays a zombie for good.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
