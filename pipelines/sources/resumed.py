"""Answers of a question that takes several requests, kept while it is tried again.

Belongs here: what of such a question was answered, for a moment. Does not: trying again (`resilience`), HTTP.

A question is tried again whole, for that is in one place for all sources. Where a provider counts each request of a
small quota, what it has answered already must not be asked again.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

from pipelines.sources.errors import SourceError

Answer = TypeVar("Answer")

_KEPT_SECONDS = 300.0
"""Longer than any question is tried again; an answer of before that is not of now."""


class Once(Protocol):
    """Asks for one part of a question, unless that is answered already."""

    def __call__(self, part: str, ask: Callable[[], Answer]) -> Answer:
        """Return the answer of a part, named within its question."""


class Resumed:
    """The answered parts of the one question that failed last for a reason that may pass."""

    def __init__(self, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._stopwatch = stopwatch
        self._failed: tuple[Hashable, float, dict[str, Any]] | None = None

    @contextmanager
    def of(self, question: Hashable) -> Iterator[Once]:
        """Give what asks for the parts of a question; what it is told is kept if the question fails and may succeed.

        Args:
            question: What makes it the same question.
        """
        began, answers = self._begun(question)

        def once(part: str, ask: Callable[[], Answer]) -> Answer:
            if part not in answers:
                answers[part] = ask()
            return cast("Answer", answers[part])

        try:
            yield once
        except SourceError as error:
            if error.transient:
                self._failed = question, began, answers
            raise

    def _begun(self, question: Hashable) -> tuple[float, dict[str, Any]]:
        failed, self._failed = self._failed, None
        if failed is not None and failed[0] == question and self._stopwatch() - failed[1] < _KEPT_SECONDS:
            return failed[1], failed[2]
        return self._stopwatch(), {}
