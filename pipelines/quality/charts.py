"""Quality as a person sees it beside an asset: tables in Markdown, with bars.

Belongs here: how findings and gates are laid out. Does not: what they say (`verdict`, `gate`).
"""

import polars as pl

from pipelines.quality.admission import Admission
from pipelines.quality.verdict import found_in

_BAR = 20


def findings_chart(admission: Admission, table: str) -> str:
    """Return what each rule found of a table's rows, in Markdown, with a bar for its share of the findings."""
    found = found_in(admission, table)
    counts = found.group_by("rule").agg(held=pl.col("held").sum(), all=pl.len()).sort("all", "rule", descending=True)
    lines = [
        f"| {rule} | {held} | {total - held} | {_bar(total, found.height)} |"
        for rule, held, total in counts.iter_rows()
    ]
    head = f"{admission.judged.get(table, 0)} rows judged, {found.height} findings."
    return "\n".join([head, "", "| rule | held back | remarked | |", "|---|---|---|---|", *lines]) if lines else head


def gates_chart(gates: pl.DataFrame) -> str:
    """Return what the gates of one run found, in Markdown: a row a table, and the rules that did not hold.

    Args:
        gates: Rows of `quality_results` of one run.
    """
    failed = gates.filter(~pl.col("passed"))
    tables = gates.group_by("table_name").agg(rules=pl.len(), passed=pl.col("passed").sum()).sort("table_name")
    broken = {
        name: ", ".join(f"{rule} ({rows})" for rule, rows in rules.select("rule", "failed_rows").iter_rows())
        for (name,), rules in failed.group_by("table_name")
    }
    lines = [
        f"| {name} | {passed} of {rules} | {_bar(passed, rules)} | {broken.get(name, '')} |"
        for name, rules, passed in tables.iter_rows()
    ]
    return "\n".join(["| table | rules held | | did not hold (rows) |", "|---|---|---|---|", *lines])


def _bar(part: int, whole: int) -> str:
    return "▇" * max(1, round(_BAR * part / whole)) if part else ""
