"""Which runs are alive: each holds a lock of its own for as long as its process lives, and a dead process frees it.

Belongs here: that lock, and noticing runs that nobody holds any more. Does not: the record itself (`ops`), the lock
under which the warehouse is written (`warehouse.build`).
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.ops.ops import Ops


@contextmanager
def alive(folder: Path, run_id: str) -> Iterator[None]:
    """Hold a run's lock, so that others can see that it is alive, whatever becomes of this process.

    Args:
        folder: Where the locks of one deployment lie.
        run_id: The run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder, run_id)
    try:
        with lock:
            yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)


def note_killed(ops: Ops, folder: Path, *, now: dt.datetime) -> list[str]:
    """Record every run that counts as running and that nobody holds as killed; return which.

    Args:
        ops: The record.
        folder: Where the locks of one deployment lie.
        now: When it is noticed; the time of death is not known.
    """
    return [run_id for run_id in ops.running() if _is_gone(folder, run_id) and ops.record_run_killed(run_id, now)]


def _is_gone(folder: Path, run_id: str) -> bool:
    lock = _lock(folder, run_id)
    if not Path(lock.lock_file).exists():
        return True
    try:
        with lock.acquire(timeout=0):
            Path(lock.lock_file).unlink(missing_ok=True)
    except Timeout:
        return False
    return True


def _lock(folder: Path, run_id: str) -> FileLock:
    return FileLock(folder / f"{run_id}.lock", thread_local=False)
