"""What SIGINT and SIGTERM do to a command.

Belongs here: raising them as one exception that says which it was. Does not: what a run does about them
(`pipelines.defs.interrupts`), the parent of the pages, which takes them for itself (`supervisor`).
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from pipelines.cli.exits import CommandError, Exit


class Interrupted(KeyboardInterrupt):
    """A signal has asked the command to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def raise_signals() -> None:
    """Raise SIGINT and SIGTERM as `Interrupted` from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _raise)


@contextmanager
def interrupts_said(message: str) -> Iterator[None]:
    """Turn an interrupt into the one line and the code with which a command leaves.

    Raises:
        CommandError: If a signal has come, also where DuckDB says it with an error of its own.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise CommandError(message, _code_of(interrupt)) from None
    except RuntimeError as error:
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        raise CommandError(message, _code_of(error.__cause__)) from None


def _code_of(interrupt: KeyboardInterrupt) -> Exit:
    return Exit.by_signal(interrupt.number if isinstance(interrupt, Interrupted) else signal.SIGINT)


def _raise(number: int, _: FrameType | None) -> NoReturn:
    raise Interrupted(number)
