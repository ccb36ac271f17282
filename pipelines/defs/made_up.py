"""What a sensor asks for once, and again where the run that was to see to it was killed.

Belongs here: which run answers for what, known by a tag, and whether it is to be asked for again. Does not: noticing
that there is something to ask for (`sensors`), how a dead run is known (`killed`).
"""

import dagster as dg

from pipelines.defs.resources import Folio

KILLED_AT_MOST = 5
"""Runs that are lost over one thing: what ends as many is in what they do, and the next one would end alike."""


class Asked:
    """One thing that a sensor asks a run for, as it stands.

    Args:
        instance: Where runs are kept, and what they are for.
        folio: Where it is kept how they ended.
        sensor: The sensor; a run can be for one thing of each.
        key: The thing.
    """

    def __init__(self, instance: dg.DagsterInstance, folio: Folio, sensor: str, key: str) -> None:
        self._instance, self._tag, self._key = instance, f"folio/for_{sensor}", key
        records = instance.get_run_records(dg.RunsFilter(tags={self._tag: key}))
        runs = [record.dagster_run.run_id for record in records]
        self._killed = len(folio.ops().killed(runs)) if runs else 0
        self._lost = bool(runs) and self._killed == len(runs)

    @property
    def given_up(self) -> bool:
        """Return whether so many runs were killed over it that no other is asked for."""
        return self._killed >= KILLED_AT_MOST

    @property
    def lost(self) -> bool:
        """Return whether every run that was to see to it was killed, and another is to be asked for."""
        return self._lost and not self.given_up

    def request(self, *, job: str | None = None, **tags: str) -> dg.RunRequest:
        """Return what asks for a run: by a new key after each that was killed, for Dagster runs a key once."""
        key = f"{self._key}-after-{self._killed}-killed" if self._killed else self._key
        return dg.RunRequest(run_key=key, job_name=job, tags={self._tag: self._key, **tags})

    def leave_to(self, run_id: str) -> None:
        """Have a run that waits answer for it."""
        self._instance.add_run_tags(run_id, {self._tag: self._key})
