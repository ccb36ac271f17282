"""Processes of a process, for tests that end it."""

import time

import psutil

SECONDS = 10.0


def workers_of(pid: int) -> list[psutil.Process]:
    """Return the worker processes that a process has at this moment."""
    return [child for child in psutil.Process(pid).children() if _is_worker(child)]


def assert_gone(family: list[psutil.Process]) -> None:
    """Assert that processes end within seconds: what only tidies up may do so after those it works for."""
    deadline = time.monotonic() + SECONDS
    while not all(map(_is_gone, family)):
        assert time.monotonic() < deadline, [one for one in family if not _is_gone(one)]
        time.sleep(0.05)


def _is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it has ended between the two questions
        return True


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "--multiprocessing-fork" in process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return False
