"""Processes of a process, for tests that end it."""

import psutil


def workers_of(pid: int) -> list[psutil.Process]:
    """Return the worker processes that a process has at this moment."""
    return [child for child in psutil.Process(pid).children() if _is_worker(child)]


def assert_gone(family: list[psutil.Process]) -> None:
    """Assert that processes end within seconds: what only tidies up may do so after those it works for."""
    _, alive = psutil.wait_procs(family, timeout=10)
    assert [one.cmdline() for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "--multiprocessing-fork" in process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return False
