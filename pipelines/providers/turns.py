"""Whose turn it is where one provider is asked many questions: pure rules over when it was last asked each.

Belongs here: the order of questions of one kind. Does not: asking (`pipelines.sources.rounds`), where it is kept
(`warehouse.ops`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import IntEnum

from warehouse.ops.providers import Turn

SET_BACK = dt.timedelta(days=1)
"""How much later than it was a question counts as asked, for each time in a row that it failed."""
MOST_SET_BACKS = 14
"""So that also one that always fails comes before the others at times: what is scarce is for all."""

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


class Hope(IntEnum):
    """How likely an answer is from a provider that may be down, the likeliest first."""

    ANSWERED = 0
    UNKNOWN = 1
    FAILED = 2


def in_turn(
    asked_about: Sequence[tuple[str, dt.date | None]],
    turns: Mapping[str, Turn],
    *,
    in_doubt: bool,
    now: dt.datetime,
) -> list[int]:
    """Return the places of questions in the order in which to put them.

    Whoever was not asked for longest comes first, for a quota may not be enough for all of them. A provider that may be
    down is tried with what it answered last, and what failed comes at the end: else a question that fails for good
    would find it down for ever.

    Args:
        asked_about: What each question is about, and the last day that is stored of it, if any: it was answered then.
        turns: What is known of when each was asked.
        in_doubt: Whether the provider may be down.
        now: The present.
    """

    def place(number: int) -> tuple[Hope, dt.datetime]:
        about, stored_until = asked_about[number]
        turn = turns.get(about)
        return (hope(turn, stored_until) if in_doubt else Hope.ANSWERED, _asked_at(turn, stored_until, now))

    places = sorted(range(len(asked_about)), key=place)
    if not in_doubt or not places:
        return places
    best = [number for number in places if place(number)[0] == place(places[0])[0]]
    # Neighbours fail together; but of what fails each is to have its turn.
    probe = best[0] if place(best[0])[0] is Hope.FAILED else best[-1]
    return [probe, *(number for number in places if number != probe)]


def hope(turn: Turn | None, stored_until: dt.date | None) -> Hope:
    """Return how likely a question is to be answered; what is stored of it was answered by somebody."""
    if turn is None:
        return Hope.UNKNOWN if stored_until is None else Hope.ANSWERED
    return Hope.FAILED if turn.failures_in_a_row else Hope.ANSWERED


def _asked_at(turn: Turn | None, stored_until: dt.date | None, now: dt.datetime) -> dt.datetime:
    if turn is None:
        return _NEVER if stored_until is None else dt.datetime.combine(stored_until, dt.time.min, dt.UTC)
    # What was asked later than now was asked by a clock that was wrong.
    return min(turn.asked_at, now) + SET_BACK * min(turn.failures_in_a_row, MOST_SET_BACKS)
