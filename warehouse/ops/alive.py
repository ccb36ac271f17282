"""Which runs are alive: each holds a lock of its own for as long as its process lives, and a dead process frees it.

Belongs here: that lock, and noticing runs that nobody holds any more. Does not: the record itself (`ops`), the lock
under which the warehouse is written (`warehouse.build`).
"""

import atexit
import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.ops.ops import Ops

_held: set[Path] = set()
"""Locks that this process holds: a second lock on one file would wait for the first for ever."""


@contextmanager
def alive(folder: Path, run_id: str) -> Iterator[None]:
    """Hold a run's lock, so that others can see that it is alive, whatever becomes of this process.

    Whoever holds it in this process already goes on holding it.

    Args:
        folder: Where the locks of one deployment lie.
        run_id: The run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder, run_id)
    path = Path(lock.lock_file)
    if path in _held:
        yield
        return
    try:
        with lock:
            _held.add(path)
            yield
    finally:
        _held.discard(path)
        path.unlink(missing_ok=True)


def stay_alive(folder: Path, run_id: str) -> None:
    """Hold a run's lock until this process ends: what was recorded last is not always the last that is to be said.

    Args:
        folder: Where the locks of one deployment lie.
        run_id: The run. Whoever holds it in this process already holds it as long as before.
    """
    held = ExitStack()
    held.enter_context(alive(folder, run_id))
    atexit.register(held.close)


def note_killed(ops: Ops, folder: Path, *, now: dt.datetime) -> list[str]:
    """Record every run that counts as running and that nobody holds as killed; return which.

    Args:
        ops: The record.
        folder: Where the locks of one deployment lie.
        now: When it is noticed; the time of death is not known.
    """
    killed = [run_id for run_id in ops.running() if _is_gone(folder, run_id) and ops.record_run_killed(run_id, now)]
    # A run that was killed before anything was recorded has left its lock alone.
    for lock in folder.glob("*.lock"):
        _is_gone(folder, lock.stem)
    return killed


def is_alive(folder: Path, run_id: str) -> bool:
    """Return whether some process holds a run."""
    return not _is_gone(folder, run_id)


def _is_gone(folder: Path, run_id: str) -> bool:
    """Return whether nobody holds a run's lock; one that nobody holds is removed."""
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
