"""The whole document, and its sections one by one.

Belongs here: `CompleteView` and what reads or writes one of its sections. Does not: the sections themselves.
"""

from functools import cache, cached_property
from typing import Any

from pydantic import Field, TypeAdapter

from pipelines.portfolio.models.heading import Heading
from pipelines.portfolio.models.holdings import CashBalance, Holding, JournalEntry, RealizedGain, Trade
from pipelines.portfolio.models.income import Income
from pipelines.portfolio.models.performance import AllocationRow, Benchmark, Performance, Risk, Summary
from pipelines.portfolio.models.rows import Rows
from pipelines.portfolio.models.verbatim import Verbatim


class CompleteView(Heading):
    """Everything about one portfolio at one date."""

    summary: Summary
    holdings: Rows[Holding]
    realized_gains: Rows[RealizedGain]
    trades: Rows[Trade]
    income: Income
    performance: Performance | None
    risk: Risk | None
    allocations: dict[str, list[AllocationRow]]
    benchmark: Benchmark | None
    cash: list[CashBalance] = Field(default_factory=list)
    journal: list[JournalEntry] | None = None

    @cached_property
    def entries(self) -> dict[str, JournalEntry]:
        """Return the journal by transaction; empty where it was not asked for."""
        return {entry.transaction_id: entry for entry in self.journal or []}


SECTIONS = (
    "summary",
    "holdings",
    "realized_gains",
    "trades",
    "income",
    "performance",
    "risk",
    "allocations",
    "benchmark",
    "cash",
)
TOP = tuple(Heading.model_fields)


@cache
def section_adapter(name: str) -> TypeAdapter[Any]:
    """Return what reads and writes one of the sections by itself."""
    return TypeAdapter(CompleteView.__annotations__[name])


def section_json(name: str, section: Any) -> str:
    """Return one of the sections as JSON, its long lists straight from their columns."""
    lists = Verbatim()
    return lists.filled(section_adapter(name).dump_json(section, by_alias=True, context=lists).decode())
