"""What a screening means for a run: what is said of it, and whether it may be published.

Belongs here: results of rules by table, the share from which on a fetch is broken, how both read. Does not: which rows
are held (`admission`), gaps that held rows leave (`gaps`).
"""

from collections.abc import Iterator

import polars as pl

from pipelines.quality.admission import Admission
from pipelines.quality.finding import FINDINGS
from pipelines.quality.report import RuleResult, sample_of

BELIEVABLE_FETCH = "believable_fetch"
MOST_HELD = 0.05
"""Share of a table's fetched rows from which on it is no few bad rows any more, but a bad fetch."""
FEWEST_ROWS = 10
"""Fewer held rows never block: a bad day or two of one symbol, of which a night asks for a week."""
FEWEST_NAMES = 3
"""Rows of so many symbols are no one symbol's trouble."""
MOST = 0.5
"""Of fewer symbols, both more than this part of all that were fetched must have held rows, and of their rows more than
this part must be held: then the provider is not to be believed, rather than a series of one symbol."""

_SAMPLE = ("about", "date", "rule", "value", "expected", "reason")


def found_in(admission: Admission, table: str) -> pl.DataFrame:
    """Return all findings on rows of a table that were not released, held ones first, as ``FINDINGS``."""
    held = admission.held.rename({"column_name": "column"}).with_columns(held=pl.lit(value=True))
    return pl.concat([held.select(FINDINGS.names()), admission.remarks]).filter(pl.col("table_name") == table)


def verdict(admission: Admission, table: str) -> tuple[RuleResult, bool]:
    """Return what of a table was held back, and whether that blocks: a broken table never gets out.

    Held rows get out in no case. What a block keeps back is the rest of the fetch: where much of it is false, so may be
    what was believed.

    Args:
        admission: The screening.
        table: One that it judged.
    """
    held = admission.held.filter(pl.col("table_name") == table)
    rows, judged = held["key"].n_unique(), admission.judged.get(table, 0)
    names, known = held["about"].n_unique(), admission.names.get(table, 0)
    most = MOST_HELD if names >= FEWEST_NAMES else MOST
    broad = names >= FEWEST_NAMES or names > MOST * known
    blocks = rows >= FEWEST_ROWS and broad and rows > most * judged
    share = (f"{rows} of {judged} fetched rows are not believed, more than {most:.0%}",)
    result = RuleResult(
        table=table,
        rule=BELIEVABLE_FETCH,
        failed_rows=rows,
        sample=sample_of(held, _SAMPLE),
        problems=share if blocks else ("held back; `folio quality` lists them",) if rows else (),
    )
    return result, blocks


def by_rule(admission: Admission) -> Iterator[RuleResult]:
    """Yield what each rule found, held or remarked, by table."""
    tables = pl.concat([admission.held["table_name"], admission.remarks["table_name"]]).unique().sort()
    for table in tables:
        for (rule,), rows in found_in(admission, table).group_by("rule", maintain_order=True):
            yield RuleResult(table=table, rule=str(rule), failed_rows=rows.height, sample=sample_of(rows, _SAMPLE))
