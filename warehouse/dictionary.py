"""The data dictionary: ``docs/data-dictionary.md``, written by ``python -m warehouse.dictionary``.

Belongs here: laying declarations out as a page. Does not: the declarations.
"""

from collections.abc import Iterator
from pathlib import Path

from warehouse.schema import TABLES, Table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"

_INTRODUCTION = """\
# Data dictionary

Generated from `warehouse/schema` by `uv run python -m warehouse.dictionary`; do not edit.

Amounts that end in `_local` are in the instrument's currency, `_base` in the portfolio's. Fractions are fractions: 0.01
is one percent. A null figure is not known. For people there are also the macros `fx_rate(src, dst, day)`, the
rate of the last fixing until that day, and `fx_rate_date(src, dst, day)`, the day of that fixing, and the views
`adjusted_prices` (adjusted for later splits and dividends) and `holdings_latest` (with names).
"""


def dictionary() -> str:
    """Return the page."""
    return "\n".join([_INTRODUCTION, *(line for table in TABLES for line in _section(table))])


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"{table.doc} Key: {', '.join(table.key)}. Written by the group `{table.owner}`.\n"
    yield "| column | type | unit | null | meaning |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        null = "yes" if column.nullable else ""
        yield f"| `{column.name}` | {column.sql_type} | {column.unit or ''} | {null} | {column.doc} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(dictionary(), encoding="utf-8")
