"""Patience with one provider: trying again, and leaving it alone when it is down.

Belongs here: retries with exponential jittered waits, giving up on a provider, its health. Does not: which provider to
ask next (`fetch`), any provider's protocol.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from pipelines.sources.base import Source
from pipelines.sources.errors import SourceDownError, SourceError, UnknownSymbolError

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often and how long to try again where the same request may succeed later.

    Args:
        attempts: Requests in all, the first included.
        first_wait_seconds: Upper bound of the first random wait; it doubles with every attempt.
        longest_wait_seconds: Upper bound of any wait.
        give_up_after: Questions in a row that fail for a transient reason until a provider is left alone.
        sleep: What waits.
        stopwatch: What measures, in seconds.
    """

    attempts: int = 4
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0
    give_up_after: int = 5
    sleep: Callable[[float], None] = time.sleep
    stopwatch: Callable[[], float] = time.monotonic

    def retrying(self) -> Retrying:
        """Return tenacity's loop for these numbers."""
        return Retrying(
            retry=retry_if_exception(_is_transient),
            stop=stop_after_attempt(self.attempts),
            wait=wait_random_exponential(multiplier=self.first_wait_seconds, max=self.longest_wait_seconds),
            sleep=self.sleep,
            reraise=True,
        )


@dataclass(frozen=True, kw_only=True)
class SourceHealth:
    """How one provider did while many questions were put to it."""

    source: str
    answered: int
    failed: int
    seconds: float
    last_error: str | None


@dataclass
class Asked:
    """A provider that many questions are put to, with what came of them so far."""

    source: Source
    patience: Patience
    answered: int = field(default=0, init=False)
    failed: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)
    last_error: SourceError | None = field(default=None, init=False)
    _down_in_a_row: int = field(default=0, init=False)

    def ask(self, about: str, question: Callable[[Source], Answer]) -> Answer:
        """Put a question to the provider, again and again where that may help.

        Raises:
            SourceError: What the last attempt raised; at once where the provider is left alone.
        """
        if self._down_in_a_row >= self.patience.give_up_after:
            raise SourceDownError(self.source.name, about, f"left alone after {self._down_in_a_row} failures in a row")
        began = self.patience.stopwatch()
        try:
            answer = self.patience.retrying()(question, self.source)
        except UnknownSymbolError:
            self._answer()  # it works: it knows that it does not know
            raise
        except SourceError as error:
            self._note(error)
            raise
        finally:
            self.seconds += self.patience.stopwatch() - began
        self._answer()
        return answer

    def health(self) -> SourceHealth | None:
        """Return how it did; None where it was never asked."""
        if self.answered + self.failed == 0:
            return None
        return SourceHealth(
            source=self.source.name,
            answered=self.answered,
            failed=self.failed,
            seconds=self.seconds,
            last_error=None if self.last_error is None else str(self.last_error),
        )

    def _answer(self) -> None:
        self.answered += 1
        self._down_in_a_row = 0

    def _note(self, error: SourceError) -> None:
        self.failed += 1
        self.last_error = error
        self._down_in_a_row = self._down_in_a_row + 1 if error.transient else 0


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, SourceError) and error.transient
