"""Identical questions in flight: asked once, answered to all who ask.

Belongs here: who asks and who waits, in one process. Does not: what is asked, keeping answers for later.
"""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from functools import lru_cache
from typing import Any, TypeVar, cast

from pipelines.sources.errors import SourceError

Answer = TypeVar("Answer")


class InFlight:
    """The questions of one deployment that this process is waiting for an answer to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[Hashable, Future[Any]] = {}

    def once(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Ask, or wait for the answer where another thread is asking the same.

        Raises:
            SourceError: What whoever asked was told.
        """
        while True:
            mine: Future[Any] = Future()
            with self._lock:
                asked = self._asked.setdefault(key, mine)
            if asked is mine:
                return self._asking(key, mine, ask)
            try:
                return cast("Answer", asked.result())
            except CancelledError:
                continue  # whoever asked was interrupted: somebody else's turn

    def _asking(self, key: Hashable, mine: Future[Any], ask: Callable[[], Answer]) -> Answer:
        try:
            answer = ask()
        except SourceError as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._asked[key]
            mine.cancel()  # does nothing to one that is answered


@lru_cache(maxsize=16)
def in_flight_of(deployment: str) -> InFlight:
    """Return what this process has in flight for a deployment, which the URL of its shared state names."""
    del deployment
    return InFlight()
