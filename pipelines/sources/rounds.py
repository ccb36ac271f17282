"""Many questions of one kind, put to several providers: each in its turn, and the next provider for what one lacks.

Belongs here: failover, rounds of questions, and what is kept of them for the next time. Does not: how one question is
put (`resilience`), the order (`pipelines.providers.turns`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple

from pipelines.providers.turns import Hope, hope
from pipelines.sources.base import Source
from pipelines.sources.errors import LeftAloneError, QuotaSpentError, SourceError, UnsupportedError
from pipelines.sources.resilience import REFUSED, Answer, Guard, Question
from warehouse.ops.providers import Turn

_UNASKED = (LeftAloneError, QuotaSpentError, UnsupportedError)
"""What no provider was asked for: it is still its turn, as for what is refused after others were answered."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A symbol (or currency) that no provider answered, with what each of them said, in the order asked."""

    symbol: str
    errors: tuple[SourceError, ...]

    def __str__(self) -> str:
        return "; ".join(str(error) for error in self.errors) or f"no source for {self.symbol}"


class Answered(NamedTuple, Generic[Answer]):
    """An answer, who gave it, and what was said by those who were asked before."""

    source: str
    answer: Answer
    errors: tuple[SourceError, ...] = ()


def first_answer(guard: Guard, sources: Iterable[Source], question: Question[Answer]) -> tuple[str, Answer] | Failure:
    """Return the answer of the first source that has one, with its name, else what each of them said."""
    errors: list[SourceError] = []
    for source in sources:
        try:
            return source.name, guard.ask(source, question)
        except SourceError as error:
            errors.append(error)
    return Failure(symbol=question.about, errors=tuple(errors))


def ask_all(
    guard: Guard, sources: Iterable[Source], questions: Sequence[Question[Answer]]
) -> list[Answered[Answer] | Failure]:
    """Return the first answer to each question, in their order.

    A provider that is given up over some of them is waited for once, for as long as it is left alone, and then asked
    what it was spared: it may be these alone that it cannot answer. Where it failed over what it answered before, it is
    down, and nobody waits.

    Args:
        guard: How they are asked.
        sources: In the order in which to ask.
        questions: Of one kind, each about something else.
    """
    rounds, asked = _Rounds(guard, questions), list(sources)
    for source in asked:
        rounds.ask(source)
    for source in asked:
        if rounds.waits_for(source):
            rounds.ask(source)
    return rounds.outcomes()


class _Rounds(Generic[Answer]):
    """What was asked so far, and what came of it."""

    def __init__(self, guard: Guard, questions: Sequence[Question[Answer]]) -> None:
        self._guard = guard
        self._questions = questions
        self._found: dict[int, tuple[str, Answer]] = {}
        self._errors: list[dict[str, SourceError]] = [{} for _ in questions]
        self._hopes: dict[str, list[Hope]] = {}
        self._were_up: set[str] = set()

    def ask(self, source: Source) -> None:
        """Ask a provider what nobody has answered, unless it has said already that it cannot."""
        numbers = [number for number in range(len(self._questions)) if self._is_open(number, source.name)]
        if not numbers:
            return
        kind = self._questions[0].kind
        before = self._guard.providers.turns(source.name, kind)
        hopes = [hope(before.get(question.about), question.stored_until) for question in self._questions]
        self._hopes[source.name] = hopes
        after: dict[str, Turn] = {}
        for place in self._guard.in_turn(source.name, [self._questions[number] for number in numbers], before):
            number = numbers[place]
            about, error = self._questions[number].about, self._put(source, number, hopes[number])
            refused = isinstance(error, REFUSED)
            if isinstance(error, _UNASKED) or (refused and source.name in self._were_up):
                continue
            failures = before[about].failures_in_a_row if about in before else 0
            failed = error is not None and (error.transient or refused)
            after[about] = Turn(asked_at=self._guard.clock(), failures_in_a_row=failures + 1 if failed else 0)
            if not failed:
                self._were_up.add(source.name)
        # At the end: of a run that is killed on the way nothing is stored, and all of it is to be asked again.
        self._guard.providers.keep_turns(source.name, kind, after)

    def waits_for(self, source: Source) -> bool:
        """Wait for a provider that was given up, where it may well answer what it was spared."""
        was_up = source.name in self._were_up
        worst = Hope.UNKNOWN if was_up else Hope.ANSWERED
        spared = (self._hopes[source.name][number] for number in self._spared(source.name))
        return any(hope <= worst for hope in spared) and self._guard.waits_for_probe(source.name, was_up=was_up)

    def outcomes(self) -> list[Answered[Answer] | Failure]:
        """Return what came of each question."""
        return [self._outcome(number, question.about) for number, question in enumerate(self._questions)]

    def _outcome(self, number: int, about: str) -> Answered[Answer] | Failure:
        errors = tuple(self._errors[number].values())
        if number in self._found:
            return Answered(*self._found[number], errors)
        return Failure(symbol=about, errors=errors)

    def _is_open(self, number: int, source: str) -> bool:
        said = self._errors[number].get(source)
        return number not in self._found and (said is None or isinstance(said, LeftAloneError))

    def _spared(self, source: str) -> list[int]:
        return [
            number
            for number, said in enumerate(self._errors)
            if number not in self._found and isinstance(said.get(source), LeftAloneError)
        ]

    def _put(self, source: Source, number: int, hope: Hope) -> SourceError | None:
        question = replace(self._questions[number], answered_before=hope is Hope.ANSWERED)
        try:
            self._found[number] = source.name, self._guard.ask(source, question)
        except SourceError as error:
            self._errors[number][source.name] = error
            return error
        return None
