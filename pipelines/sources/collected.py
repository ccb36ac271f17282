"""What several sources say, put together.

Belongs here: sources in order, their frames stacked with who said it and when, and those that are taken whole. Does
not: which questions there are (`fetch`, `fetch_rates`), asking one source after the other (`rounds`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import polars as pl

from pipelines.sources.base import Source, Taken, Whole
from pipelines.sources.resilience import Guard, Question
from pipelines.sources.rounds import Failure, first_answer
from warehouse.schema.types import TIMESTAMP

Answer = TypeVar("Answer")


def in_order(sources: Mapping[str, Source] | Sequence[Source]) -> list[Source]:
    """Return sources in the order in which to ask."""
    return list(sources.values() if isinstance(sources, Mapping) else sources)


def stacked(frames: Iterable[tuple[str, pl.DataFrame]], schema: pl.Schema, now: datetime) -> pl.DataFrame:
    """Return what sources said, by the first two columns, with ``source`` and ``fetched_at``; the last come last."""
    empty = pl.DataFrame(schema=schema).with_columns(source=pl.lit(None, pl.String))
    parts = [frame.select(schema.names()).with_columns(source=pl.lit(source)) for source, frame in frames]
    return (
        pl.concat([empty, *parts])
        .with_columns(fetched_at=pl.lit(now, dtype=TIMESTAMP))
        .sort(schema.names()[:2], maintain_order=True)
    )


def taken_whole(
    guard: Guard, sources: Iterable[Source], question: Question[Taken[Answer]]
) -> tuple[dict[str, Answer], tuple[str, ...], list[Failure]]:
    """Return what each source that is taken whole has, by name, what files it refused, and those that failed."""
    found: dict[str, Answer] = {}
    refused: list[str] = []
    failures: list[Failure] = []
    for source in sources:
        if isinstance(source, Whole):
            outcome = first_answer(guard, [source], replace(question, about=source.name))
            if isinstance(outcome, Failure):
                failures.append(outcome)
            else:
                found[outcome[0]] = outcome[1].content
                refused += outcome[1].refused
    return found, tuple(refused), failures
