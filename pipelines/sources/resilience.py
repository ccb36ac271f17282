"""Patience with providers: trying again where that may help, leaving alone what is down, keeping to what it allows.

Belongs here: the one way in which a question is put to a provider. Does not: which provider to ask next (`fetch`), any
provider's protocol, the rules of a circuit (`circuit`) and of limits (`pacing`).
"""

import datetime as dt
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, TypeVar

from polars.exceptions import PolarsError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from pipelines.providers.circuit import Breaker, Entry
from pipelines.providers.limits import Limit
from pipelines.providers.turns import in_turn
from pipelines.sources.base import Paced, Source
from pipelines.sources.errors import (
    BadKeyError,
    LaterError,
    LeftAloneError,
    MalformedAnswerError,
    QuotaError,
    QuotaSpentError,
    SourceError,
    UnknownSymbolError,
    UnsupportedError,
)
from pipelines.sources.in_flight import InFlight
from pipelines.sources.pacing import Pace
from pipelines.sources.writable import writable
from warehouse.ops.providers import Circuit, Providers, Turn

Answer = TypeVar("Answer")

_UNASKED = (QuotaSpentError, UnsupportedError)
"""What says nothing of how a provider does."""
REFUSED = (BadKeyError, QuotaError)
"""What it would say to any question: the next ones are spared."""
_BEYOND_READING = (ValueError, ArithmeticError, RecursionError, PolarsError)
"""What reading an answer ends with that holds values which nobody has thought of."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often and how long to try again where the same request may succeed later.

    Args:
        attempts: Requests in all, the first included.
        first_wait_seconds: Upper bound of the first random wait; it doubles with every attempt.
        longest_wait_seconds: Upper bound of any wait but one that the provider asks for.
        longest_told_wait_seconds: Longest wait that a provider can ask for (``Retry-After``) of a question; where it
            asks for more, the question is given up and the provider left alone meanwhile.
        longest_left_alone: Longest time that it can ask to be left alone for.
        sleep: What waits.
        stopwatch: What measures, in seconds.
    """

    attempts: int = 4
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0
    longest_told_wait_seconds: float = 60.0
    longest_left_alone: dt.timedelta = dt.timedelta(hours=1)
    sleep: Callable[[float], None] = time.sleep
    stopwatch: Callable[[], float] = time.monotonic

    def retrying(self, *, attempts: int) -> Retrying:
        """Return tenacity's loop for these numbers."""
        return Retrying(
            retry=retry_if_exception(self._may_succeed),
            stop=stop_after_attempt(attempts),
            wait=self._wait,
            sleep=self.sleep,
            reraise=True,
        )

    def _may_succeed(self, error: BaseException) -> bool:
        return isinstance(error, SourceError) and error.transient and _told(error) <= self.longest_told_wait_seconds

    def _wait(self, call: RetryCallState) -> float:
        jittered = wait_random_exponential(multiplier=self.first_wait_seconds, max=self.longest_wait_seconds)(call)
        error = call.outcome.exception() if call.outcome is not None else None
        return max(jittered, _told(error))


@dataclass(frozen=True, kw_only=True)
class Question(Generic[Answer]):
    """A question that can be put to any provider.

    Args:
        kind: What is asked for, such as ``prices``.
        about: The symbol, as errors name it.
        key: What makes it the same question as another of its kind.
        put: Asks a provider.
        stored_until: The last day that is stored of what it asks for, if any.
        answered_before: Whether it was answered the last time it was put, as far as is known.
    """

    kind: str
    about: str
    key: Hashable
    put: Callable[[Source], Answer]
    stored_until: dt.date | None = None
    answered_before: bool = False


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What stands between questions and providers.

    Args:
        providers: What processes share about them.
        clock: What says the time.
        patience: How to try again.
        breaker: When to leave one alone.
        limits: How many requests each takes, by name; those without any take all.
        in_flight: What this process waits for.
    """

    providers: Providers
    clock: Callable[[], dt.datetime]
    patience: Patience = field(default_factory=Patience)
    breaker: Breaker = field(default_factory=Breaker)
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=dict)
    in_flight: InFlight = field(default_factory=InFlight)

    def ask(self, source: Source, question: Question[Answer]) -> Answer:
        """Put a question to a provider, again and again where that may help; the same from two threads once.

        Raises:
            LeftAloneError: If the provider is not to be asked for now.
            QuotaSpentError: If it takes no more requests today.
            SourceError: What the last attempt raised.
        """
        key = (source.name, question.kind, question.key)
        return self.in_flight.once(key, lambda: self._ask(source, question))

    def in_turn(self, source: str, questions: Sequence[Question[Answer]], turns: Mapping[str, Turn]) -> list[int]:
        """Return the places of questions of one kind in the order in which to put them to a provider."""
        asked_about = [(question.about, question.stored_until) for question in questions]
        in_doubt = self.breaker.in_doubt(self.providers.circuit(source))
        return in_turn(asked_about, turns, in_doubt=in_doubt, now=self.clock())

    def waits_for_probe(self, source: str, *, was_up: bool) -> bool:
        """Wait until a provider that failed too often may be tried for the first time, where that is worth it.

        Args:
            source: The provider.
            was_up: Whether it has answered whoever waits.

        Returns:
            Whether it was worth it; else nobody has waited, and it is for a later question to try the provider.
        """
        wait = self.breaker.worth_waiting(self.providers.circuit(source), self.clock(), was_up=was_up)
        if wait is None:
            return False
        self.patience.sleep(wait.total_seconds())
        return True

    def _ask(self, source: Source, question: Question[Answer]) -> Answer:
        self._wait_as_told(source.name, question.about)
        entry = self._enter(source.name, question.about)
        # Where nothing is learnt, as of an interrupted question, the next one may try.
        learnt: Callable[[Circuit, Entry], Circuit] = self.breaker.released
        try:
            # The probe finds out whether there is any answer; it does not insist.
            retrying = self.patience.retrying(attempts=1 if entry.probe else self.patience.attempts)
            answer: Answer = retrying(self._attempt, source, question)
            learnt = self.breaker.answered
        except SourceError as error:
            if error.transient:
                learnt = partial(self.breaker.failed, now=self.clock(), answered_before=question.answered_before)
            elif isinstance(error, REFUSED):
                learnt = partial(self.breaker.refused, now=self.clock(), said=f"{error.kind}: {error.detail}")
            elif not isinstance(error, _UNASKED):
                learnt = self.breaker.answered  # it works: it knows what it does not know
            raise
        finally:
            self.providers.change_circuit(source.name, lambda circuit: (learnt(circuit, entry), None))
        return answer

    def _enter(self, source: str, about: str) -> Entry:
        entry = self.providers.change_circuit(source, lambda circuit: self.breaker.enter(circuit, self.clock()))
        if entry.refused_until is not None:
            circuit = self.providers.circuit(source)
            why = circuit.refusal or f"after {circuit.failures_in_a_row} failures in a row"
            raise LeftAloneError(source, about, f"{why}, until {entry.refused_until:%H:%M:%S}Z")
        return entry

    def _wait_as_told(self, source: str, about: str) -> None:
        circuit, now = self.providers.circuit(source), self.clock()
        until = circuit.not_before
        # Nothing longer is ever noted but by a clock that was wrong.
        if until is None or not now < until <= now + self.patience.longest_left_alone:
            return
        seconds = (until - now).total_seconds()
        if seconds > self.patience.longest_told_wait_seconds:
            why = circuit.refusal or "as it asked for"
            raise LeftAloneError(source, about, f"{why}, until {until:%Y-%m-%d %H:%M:%S}Z")
        self.patience.sleep(seconds)

    def _attempt(self, source: Source, question: Question[Answer]) -> Answer:
        pace = self._pace(source)
        began = self.patience.stopwatch()
        try:
            answer = _read(source, question)
        except _UNASKED:
            raise
        except SourceError as error:
            # Whoever says that there is no such symbol has answered.
            self._record(source, began, pace, None if isinstance(error, UnknownSymbolError) else error)
            self._heed(error)
            raise
        self._record(source, began, pace, None)
        return answer

    def _pace(self, source: Source) -> Pace | None:
        """Have each request counted, or the one that is about to be sent where the provider's code says none.

        Returns:
            The pace that waits while the question is answered, if any.
        """
        limits = self.limits.get(source.name)
        if not limits:
            return None
        pace = Pace(source.name, limits, providers=self.providers, clock=self.clock, sleep=self.patience.sleep)
        if isinstance(source, Paced):
            source.before_request = pace
            return pace
        pace()
        return None

    def _record(self, source: Source, began: float, pace: Pace | None, error: SourceError | None) -> None:
        waited = 0.0 if pace is None else pace.waited_seconds
        latency = round(1000 * max(0.0, self.patience.stopwatch() - began - waited))
        said = None if error is None else str(error)
        self.providers.record_call(source.name, error is None, latency, said, self.clock())

    def _heed(self, error: SourceError) -> None:
        """Tell everybody what the provider has asked for, within bounds; a used up quota is no matter of a minute."""
        renewed = error.renewed_within if isinstance(error, QuotaError) else None
        wait = renewed or dt.timedelta(seconds=_told(error))
        if wait > dt.timedelta():
            until = self.clock() + min(wait, self.patience.longest_left_alone)
            self.providers.change_circuit(error.source, lambda circuit: (_not_before(circuit, until), None))


def _read(source: Source, question: Question[Answer]) -> Answer:
    """Put a question, and return the answer as it can be kept.

    Raises:
        MalformedAnswerError: If reading the answer breaks off: it is a failure of this question, and of no other.
        SourceError: What the source raised.
    """
    try:
        return writable(question.put(source))
    except _BEYOND_READING as error:
        detail = f"cannot be read: {type(error).__name__}: {error}"
        raise MalformedAnswerError(source.name, question.about, detail) from error


def _told(error: BaseException | None) -> float:
    """Return the seconds that a provider asked for, 0 where it did not."""
    return (error.retry_after_seconds or 0.0) if isinstance(error, LaterError) else 0.0


def _not_before(circuit: Circuit, until: dt.datetime) -> Circuit:
    return replace(circuit, not_before=max(until, circuit.not_before or until))
