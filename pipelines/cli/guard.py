"""A program that outlives its parent just long enough to end what the parent had started.

Belongs here: ending process groups after the parent is gone, even by kill -9, on any Unix. Does not: starting or
restarting them (`supervisor`). It is run by its path and imports the standard library alone, so that it costs nothing.

Its standard input is a pipe from the parent: ``+PGID`` adds a group, ``-PGID`` takes one away, and the end of input,
which the system brings about however the parent ends, is the order to end those that are left.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 5.0


def read_groups(lines: Iterable[str]) -> set[int]:
    """Return the groups that are left at the end of input."""
    groups: set[int] = set()
    for line in lines:
        sign, number = line[:1], int(line[1:])
        (groups.add if sign == "+" else groups.discard)(number)
    return groups


def alive(groups: Iterable[int]) -> set[int]:
    """Return the groups that still have a process."""
    return {group for group in groups if _signal(group, 0)}


def end(groups: set[int]) -> None:
    """End groups: politely, then by force."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = alive(groups)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    end(read_groups(sys.stdin))
