"""What became of one rule on one table.

Belongs here: the result, and how it is said. Does not: how rules are checked.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

SAMPLE_ROWS = 20
_SHOWN_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class RuleResult:
    """Whether a table held to a rule, and which rows did not.

    Args:
        table: The table's name.
        rule: The rule's name.
        failed_rows: How many rows broke it; 1 where the frame itself did (a type, an unknown column).
        sample: Some of the broken rows, values as text: the key and what the rule looks at.
        problems: What is wrong, a line each, for people.
    """

    table: str
    rule: str
    failed_rows: int = 0
    sample: tuple[Mapping[str, str | None], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Return whether no row broke the rule."""
        return self.failed_rows == 0

    def joined(self, other: "RuleResult") -> "RuleResult":
        """Return what became of the rule on both parts of a table."""
        return replace(
            self,
            failed_rows=self.failed_rows + other.failed_rows,
            sample=(*self.sample, *other.sample)[:SAMPLE_ROWS],
            problems=(*self.problems, *other.problems),
        )

    @property
    def finding(self) -> str:
        """Return how many rows broke the rule, what is wrong, and the first of them, in one line."""
        if self.passed:
            return "every row holds to it"
        rows = "; ".join(_row(row) for row in self.sample[:_SHOWN_ROWS])
        more = f"; and {self.failed_rows - _SHOWN_ROWS} more" if self.failed_rows > _SHOWN_ROWS else ""
        count = "1 row" if self.failed_rows == 1 else f"{self.failed_rows} rows"
        return ": ".join(part for part in (count, ", ".join(self.problems), rows) if part) + more

    @property
    def message(self) -> str:
        """Return the finding with the table and the rule that it is about."""
        return f"{self.table} {self.rule}: {self.finding}"

    @property
    def sample_json(self) -> str | None:
        """Return the sample as JSON, or None where nothing failed."""
        return json.dumps([dict(row) for row in self.sample]) if self.sample else None


def sample_of(broken: pl.DataFrame, columns: tuple[str, ...]) -> tuple[dict[str, str | None], ...]:
    """Return the first broken rows, the named columns only, values as text."""
    shown = broken.select(name for name in columns if name in broken.columns).head(SAMPLE_ROWS)
    return tuple({name: _text(value) for name, value in row.items()} for row in shown.to_dicts())


def _text(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)


def _row(row: Mapping[str, str | None]) -> str:
    return ", ".join(f"{name} {value if value is not None else 'null'}" for name, value in row.items())
