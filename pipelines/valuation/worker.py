"""How a worker process begins, and that it never outlives the run it works for.

Belongs here: what must be so before anything else is imported, so that nothing is imported here that computes. Does
not: the work (`workers`).
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_ENDS_A_RUN = (signal.SIGINT, signal.SIGTERM)


def begin(lifeline: Connection) -> None:
    """Make this process one of several that share the cores, and end it when the other end of the pipe closes.

    The kernel closes that end when the run's process dies, even of SIGKILL.
    """
    os.environ["POLARS_MAX_THREADS"] = "1"
    threading.Thread(target=_end_with, args=(lifeline,), name="lifeline", daemon=True).start()


@contextmanager
def deaf() -> Iterator[None]:
    """Let processes that are started meanwhile hear no signal by which a person ends a run: they end with the run.

    Ctrl-C goes to every process of a terminal, and one that is still importing would answer with a stack trace.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS_A_RUN)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with(lifeline: Connection) -> None:
    lifeline.poll(None)
    os._exit(1)
