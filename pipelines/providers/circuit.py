"""When a provider is left alone, and how it is found out that it is back: pure rules over what processes share.

Belongs here: a circuit's states and the steps between them. Does not: where it is kept (`warehouse.ops`), asking.
"""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from warehouse.ops.providers import Circuit


class State(StrEnum):
    """How a circuit stands: asked, left alone, or about to be tried by one question."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What becomes of a question: it is the probe, one of many, or refused until a moment."""

    probe: bool = False
    refused_until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """The rules of a circuit.

    Args:
        give_up_after: Questions in a row that fail, and may succeed later, until a provider is left alone.
        leave_alone: For how long.
        probe_time: How long the one question that tries it may take until another may: whoever asked it may be dead.
    """

    give_up_after: int = 5
    leave_alone: dt.timedelta = dt.timedelta(seconds=60)
    probe_time: dt.timedelta = dt.timedelta(seconds=60)

    def state(self, circuit: Circuit, now: dt.datetime) -> State:
        """Return how a circuit stands."""
        if circuit.opened_at is None:
            return State.CLOSED
        # One that opens far in the future was opened by a clock that was wrong.
        return State.OPEN if abs(now - circuit.opened_at) < self.leave_alone else State.HALF_OPEN

    def open_until(self, circuit: Circuit) -> dt.datetime | None:
        """Return until when nobody asks; None where it is closed."""
        return None if circuit.opened_at is None else circuit.opened_at + self.leave_alone

    def in_doubt(self, circuit: Circuit) -> bool:
        """Return whether the provider may be down: it failed too often, and has answered nothing since."""
        return circuit.opened_at is not None and circuit.refusal is None

    def worth_waiting(self, circuit: Circuit, now: dt.datetime, *, was_up: bool) -> dt.timedelta | None:
        """Return how long to wait for the first probe of a provider that failed; None where it is not worth it.

        It is where the provider answered shortly before, or may only be unable to answer what it failed; never where a
        probe has failed already, or the provider has refused whoever asks.
        """
        tried = circuit.failures_in_a_row > self.give_up_after
        if circuit.opened_at is None or circuit.refusal is not None or tried or (circuit.is_down and not was_up):
            return None
        left = circuit.opened_at + self.leave_alone - now
        return max(left, dt.timedelta()) if left <= self.leave_alone else dt.timedelta()

    def enter(self, circuit: Circuit, now: dt.datetime) -> tuple[Circuit, Entry]:
        """Let a question in, as the one probe where the provider was left alone for long enough, or refuse it."""
        state = self.state(circuit, now)
        if state is State.CLOSED:
            return circuit, Entry()
        if state is State.OPEN:
            return circuit, Entry(refused_until=self.open_until(circuit))
        if circuit.probe_until is not None and now < circuit.probe_until <= now + self.probe_time:
            return circuit, Entry(refused_until=circuit.probe_until)
        return replace(circuit, probe_until=now + self.probe_time), Entry(probe=True)

    def answered(self, circuit: Circuit, entry: Entry) -> Circuit:
        """Return the circuit after an answer: closed, unless it is open and the question was let in before it was."""
        if circuit.opened_at is not None and not entry.probe:
            return circuit
        return Circuit(not_before=circuit.not_before)

    def failed(self, circuit: Circuit, entry: Entry, now: dt.datetime, *, answered_before: bool = False) -> Circuit:
        """Return the circuit after a failure that may pass: open again, open at last, or one failure nearer to it."""
        failures = circuit.failures_in_a_row + 1
        opens = entry.probe or (circuit.opened_at is None and failures >= self.give_up_after)
        after = replace(circuit, failures_in_a_row=failures, is_down=circuit.is_down or answered_before)
        return replace(after, opened_at=now, probe_until=None, refusal=None) if opens else after

    def refused(self, circuit: Circuit, entry: Entry, now: dt.datetime, said: str) -> Circuit:
        """Return the circuit after a refusal of whoever asks, as of a bad key: open at once, with what was said."""
        if circuit.opened_at is not None and not entry.probe:
            return circuit
        failures = circuit.failures_in_a_row + 1
        return replace(circuit, failures_in_a_row=failures, opened_at=now, probe_until=None, refusal=said)

    def released(self, circuit: Circuit, entry: Entry) -> Circuit:
        """Return the circuit after a question that came to nothing, such as an interrupted one: as it was before."""
        return replace(circuit, probe_until=None) if entry.probe else circuit
