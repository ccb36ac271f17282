"""SIGINT and SIGTERM while a run goes on in this process.

Belongs here: which one came, and keeping them out of what must be whole. Does not: exit codes (`pipelines.cli`), what
is left of an interrupted run (`ending`).
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_AT_ONCE = 64

Came = Callable[[], signal.Signals | None]
_asked: list[Came] = []


@contextmanager
def noticed() -> Iterator[Came]:
    """Yield what returns the first signal that has come, None before.

    Dagster puts handlers of its own in the place of any others, and theirs do not say which signal came; besides, what
    they raise may get lost in a C library's callback. So the signals are noted where Python itself notes them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    came = _first_of(reading)
    _asked.append(came)
    try:
        yield came
    finally:
        _asked.remove(came)
        signal.set_wakeup_fd(former)
        os.close(reading)
        os.close(writing)


def check() -> None:
    """Raise KeyboardInterrupt if a signal has come that nobody has heard."""
    if any(came() is not None for came in _asked):
        raise KeyboardInterrupt


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no signal interrupt what follows; one that comes meanwhile is noted and comes too late."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, _too_late) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _first_of(reading: int) -> Came:
    seen: list[int] = []

    def came() -> signal.Signals | None:
        with contextlib.suppress(BlockingIOError):
            seen.extend(number for number in os.read(reading, _AT_ONCE) if number in _SIGNALS)
        return signal.Signals(seen[0]) if seen else None

    return came


def _too_late(*_: object) -> None:
    """Do nothing: Python has noted the signal."""
