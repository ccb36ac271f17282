"""Rows that are held back, and accepting them: what waits, what can never be, what one release covers.

Belongs here: rules that the command line, the dashboard and screening share. Does not: which rows are held back
(`pipelines.quality`), keeping a release (`warehouse.ledger`).
"""

from collections.abc import Sequence
from typing import Any

import polars as pl

from warehouse.schema.ops import OPEN, RELEASED, RESOLVED

IMPOSSIBLE = frozenset({"not_positive", "negative_volume", "future_date", "split_inexact", "divided"})
"""Rules that hold back a person's own row, too; whatever else is found of one is a remark: their word counts."""
ACCEPTED = "accepted"
"""An open row that a person has released: the next refresh takes it."""
WAITING = (OPEN, ACCEPTED)
_ORDER = (*WAITING, RELEASED, RESOLVED)
ACCEPTS = ["table_name", "rule", "key", "value"]
"""What a release accepts: this value under this rule."""


class NotReleasableError(Exception):
    """A row cannot be accepted; the message says why."""


def released(open_rows: pl.DataFrame, releases: pl.DataFrame) -> pl.DataFrame:
    """Return the open rows that people have accepted as they were fetched."""
    return open_rows.join(releases, on=ACCEPTS, how="semi", nulls_equal=True)


def with_accepted(rows: pl.DataFrame, releases: pl.DataFrame) -> pl.DataFrame:
    """Return rows of `quarantine`, those that wait first, an open one that is released as ``accepted``.

    Args:
        rows: Of `quarantine`.
        releases: What people accepted: ``table_name, rule, key, value``.
    """
    accepted = released(rows.filter(pl.col("state") == OPEN), releases)["quarantine_id"].to_list()
    state = pl.when(pl.col("quarantine_id").is_in(accepted)).then(pl.lit(ACCEPTED)).otherwise("state")
    said = rows.with_columns(state=state)
    return said.sort(pl.col("state").cast(pl.Enum(_ORDER)), "quarantine_id")


def releasable(numbers: Sequence[int], rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return every open finding on the rows that are chosen: whoever accepts a row accepts it whole.

    Args:
        numbers: ``quarantine_id`` of each.
        rows: As `with_accepted` returns them.

    Raises:
        NotReleasableError: If one is not there, does not wait any more, or can never be.
    """
    known = {row["quarantine_id"]: row for row in rows.to_dicts()}
    keys = {(row["table_name"], row["key"]) for row in (_checked(number, known.get(number)) for number in numbers)}
    return [row for row in known.values() if row["state"] == OPEN and (row["table_name"], row["key"]) in keys]


def _checked(number: int, row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        raise NotReleasableError(f"there is no row {number}: `folio quality --all` lists them")
    if row["state"] not in WAITING:
        raise NotReleasableError(f"row {number} is {row['state']} already")
    if row["state"] == ACCEPTED:
        raise NotReleasableError(f"row {number} is accepted already: the next `folio refresh` takes it")
    if row["rule"] in IMPOSSIBLE:
        raise NotReleasableError(f"row {number} can never be: {row['reason']}; put your own into the inbox")
    return row
