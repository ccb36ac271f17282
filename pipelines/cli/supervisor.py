"""One parent for the dashboard and Dagster: it restarts a dead child, passes signals on and leaves no orphan.

Belongs here: the life of child processes. Does not: which children there are (`serve`).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psutil

GRACE_SECONDS = 8.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
STEADY_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1


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


def _die_with_parent() -> None:
    """Ask Linux to end this child when its parent dies, even by kill -9; elsewhere there is no such call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts services and keeps them until it is told to stop.

    Args:
        services: The children.
        say: Told, in a line, of deaths and restarts.
    """

    def __init__(self, services: Sequence[Service], say: Callable[[str], None]) -> None:
        self._services = services
        self._say = say
        self._children: list[_Child] = []
        self._stopping = False

    @property
    def pids(self) -> dict[str, int]:
        """Return the process of each service."""
        return {child.service.name: child.process.pid for child in self._children}

    def start(self) -> None:
        """Start every service, each in a process group of its own."""
        self._children = [_Child(service, self._spawn(service), time.monotonic()) for service in self._services]

    def run(self) -> None:
        """Keep the services running until SIGINT or SIGTERM, then end them all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            while not self._stopping:
                self._tend(time.monotonic())
                time.sleep(0.2)
        finally:
            self.stop()

    def stop(self) -> None:
        """End every process group: politely, then by force; nothing is left behind."""
        family = [process for child in self._children for process in _family(child.process.pid)]
        for child in self._children:
            _signal_group(child.process.pid, signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=GRACE_SECONDS)
        for child in self._children:
            _signal_group(child.process.pid, signal.SIGKILL)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=GRACE_SECONDS)
        for child in self._children:
            child.process.wait()

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        self._stopping = True

    def _spawn(self, service: Service) -> subprocess.Popen[bytes]:
        output = Path(service.log).open("ab") if service.log else None  # noqa: SIM115 - handed to the child
        try:
            return subprocess.Popen(
                list(service.command),
                env=dict(service.environment),
                cwd=service.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output or subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call into libc; the parent has no other threads
            )
        finally:
            if output is not None:
                output.close()

    def _tend(self, now: float) -> None:
        for child in self._children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.process, child.started, child.restart_at = self._spawn(child.service), now, None
                    self._say(f"{child.service.name} is running again")
            elif child.process.poll() is not None:
                self._mourn(child, now)

    def _mourn(self, child: _Child, now: float) -> None:
        # What the dead child started must not outlive it, or the restart finds its port taken.
        _signal_group(child.process.pid, signal.SIGKILL)
        steady = now - child.started > STEADY_SECONDS
        child.pause = FIRST_PAUSE if steady else min(child.pause * 2, LONGEST_PAUSE)
        child.restart_at = now + child.pause
        where = f"; see {child.service.log}" if child.service.log else ""
        code = child.process.returncode
        self._say(f"{child.service.name} ended with {code}; it starts again in {child.pause:.0f} s{where}")


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
