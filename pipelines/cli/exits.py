"""Exit codes that scripts can rely on, and the one-line errors that go with them.

Belongs here: which failure means which code. Does not: the failures themselves.
"""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOTHING_YET = 3
    BUSY = 4
    BLOCKED = 5
    INTERRUPTED = 130
    TERMINATED = 143

    @classmethod
    def by_signal(cls, number: int) -> "Exit":
        """Return the code of a command that a signal has ended: 128 and its number, as shells have it."""
        return cls(128 + number)


class CommandError(Exception):
    """A command cannot go on; the message says what to do, in one line."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(" ".join(message.split()))
        self.code = code
