"""The cycle collector while a document's many small rows are made.

Belongs here: pausing it. Does not: anything about rows.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python from looking for cycles again and again among rows that have none: a quarter of the time.

    What is no longer referred to is freed all the same. Threads may overlap: the first to leave turns it on again, and
    it stays off only where it was off before any of them came.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
