"""Asking: a process for each query, ended when it takes too long, and another that waits ready for the next.

Belongs here: the life of these processes, and their answers as frames. Does not: what they do (`child`).
"""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import polars as pl

_ROOT = Path(__file__).resolve().parent.parent.parent
_RUN = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from warehouse.adhoc.child import main; main()"
_SLACK_BYTES = 1 << 20
LONGEST_QUERY = 100_000
"""Characters; nobody types more."""


class Outcome(StrEnum):
    """What became of a query."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    OUT_OF_TIME = "out of time"
    OUT_OF_MEMORY = "out of memory"
    CANCELLED = "cancelled"
    BUSY = "busy"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a query may take.

    Args:
        seconds: From its start to its answer.
        memory_mb: DuckDB's buffers; the process may have half a gigabyte more.
        answer_bytes: Of the answer.
        at_once: How many are answered at a time; more wait for as long as one may take.
    """

    seconds: float = 30.0
    memory_mb: int = 1024
    answer_bytes: int = 64 << 20
    at_once: int = 2


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a query: its rows where it was answered, ``cut`` if there are more; why not in ``message``."""

    outcome: Outcome
    message: str | None = None
    frame: pl.DataFrame | None = None
    cut: bool = False
    seconds: float = 0.0


class Question:
    """A query under way: whoever asked waits for its answer or cancels it, an `Asker` has it answered."""

    def __init__(self) -> None:
        self._answer: Answer | None = None
        self._done = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()
        self._ended_as: Outcome | None = None
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """Return how long ago it was asked."""
        return time.monotonic() - self._since

    @property
    def has_begun(self) -> bool:
        """Return whether a process has it: before, all places are taken."""
        with self._guard:
            return self._process is not None

    def wait(self, seconds: float | None = None) -> Answer | None:
        """Return the answer, None if there is none within some seconds."""
        self._done.wait(seconds)
        return self._answer

    def cancel(self) -> None:
        """End it; an answer that is there already stays."""
        self._end(Outcome.CANCELLED)

    def put_to(self, process: subprocess.Popen[bytes], request: bytes, bounds: Bounds) -> Answer:
        """Have a process answer it, which is gone afterwards."""
        started = time.monotonic()
        with self._guard:
            self._process = process
            if self._ended_as is not None:
                process.kill()
        alarm = threading.Timer(bounds.seconds, self._end, [Outcome.OUT_OF_TIME])
        alarm.start()
        try:
            found = _answer_of(process, request, bounds.answer_bytes + _SLACK_BYTES)
        finally:
            alarm.cancel()
            _ended(process)
        # A process that ends without a whole answer has run out of memory, or was ended.
        found = found or Answer(outcome=self._ended_as or Outcome.OUT_OF_MEMORY)
        return replace(found, seconds=time.monotonic() - started)

    def settle(self, answer: Answer) -> None:
        """Give it its answer."""
        self._answer = answer
        self._done.set()

    def _end(self, outcome: Outcome) -> None:
        with self._guard:
            self._ended_as = self._ended_as or outcome
            if self._process is not None:
                self._process.kill()


class Asker:
    """Asks queries of published files, each in a process of its own that ends with it.

    Starting one takes longer than most queries, so one waits ready from the first question on, or from `warm`.

    Args:
        bounds: What each may take.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._guard = threading.Lock()
        self._spare: subprocess.Popen[bytes] | None = None
        self._places = threading.BoundedSemaphore(bounds.at_once)

    def warm(self) -> None:
        """Have a process ready, if this machine starts one."""
        with self._guard, contextlib.suppress(OSError):
            if self._spare is None or self._spare.poll() is not None:
                self._spare = self._started()

    def close(self) -> None:
        """End the process that waits."""
        with self._guard:
            spare, self._spare = self._spare, None
        if spare is not None:
            _ended(spare)

    def ask(self, path: Path, query: str, *, most_rows: int, then: Callable[[Answer], None] | None = None) -> Question:
        """Ask a query of a published file.

        Args:
            path: The file itself.
            query: As typed.
            most_rows: Rows after which the answer is cut.
            then: Told the answer, in another thread.
        """
        question = Question()
        request = {"path": str(path), "query": query, "most_rows": most_rows, "most_bytes": self.bounds.answer_bytes}

        def answer() -> None:
            found = Answer(outcome=Outcome.BUSY)
            try:
                found = self._answered(question, request)
                if then is not None:
                    then(found)
            finally:
                question.settle(found)

        threading.Thread(target=answer, name="question", daemon=True).start()
        return question

    def _answered(self, question: Question, request: dict[str, object]) -> Answer:
        if len(str(request["query"])) > LONGEST_QUERY:
            return Answer(outcome=Outcome.REFUSED, message=f"a query has up to {LONGEST_QUERY:,} characters")
        if not self._places.acquire(timeout=self.bounds.seconds):
            return Answer(outcome=Outcome.BUSY, seconds=question.seconds)
        try:
            return question.put_to(self._taken(), json.dumps(request).encode() + b"\n", self.bounds)
        except OSError:  # this machine starts no more processes
            return Answer(outcome=Outcome.BUSY, seconds=question.seconds)
        finally:
            self._places.release()
            self.warm()

    def _taken(self) -> subprocess.Popen[bytes]:
        with self._guard:
            spare, self._spare = self._spare, None
        return spare if spare is not None and spare.poll() is None else self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        limits = (str(self.bounds.memory_mb), str(int(self.bounds.seconds * 4) + 5))
        # Of the environment nothing: it has keys in it, and a query needs none of it.
        return subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _RUN, *limits],
            env={},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def _answer_of(process: subprocess.Popen[bytes], request: bytes, most_bytes: int) -> Answer | None:
    """Return what a process answers, None where that is nothing, too much, or cut off by its end."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(request)
        process.stdin.flush()
    except BrokenPipeError:
        return None
    head, newline, body = process.stdout.read(most_bytes).partition(b"\n")
    told = json.loads(head) if newline else None
    if told is None or told["bytes"] != len(body):
        return None
    outcome = Outcome(told["outcome"])
    frame = pl.read_ipc_stream(body) if outcome is Outcome.ANSWERED else None
    return Answer(outcome=outcome, message=told["message"], frame=frame, cut=told["cut"])


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()
