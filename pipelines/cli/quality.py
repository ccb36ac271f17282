"""`folio quality`: rows that were not believed, what the gates of the last run found, and accepting a row.

Belongs here: options, how it reads in a terminal. Does not: the rules (`pipelines.quality`), what can be accepted
(`pipelines.releases`), how a release is kept (`warehouse.ledger`), failures and exit codes (`app`).
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from pipelines.cli import stores
from pipelines.cli.console import out, plain, shortened, table
from pipelines.cli.exits import CommandError, Exit

if TYPE_CHECKING:
    import polars as pl

    from warehouse.settings import Settings

MOST_ROWS = 40
"""Rows that a terminal shows; ``--json`` has them all."""
_LONGEST = 100
_HEADINGS = ("id", "table", "about", "date", "rule", "value", "expected", "reason", "state", "last seen")
_IDS = "an id such as 12, or a range such as 12-40, of which the open ones count"


def quality(
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also rows that are resolved or released.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """List the rows that are held back because they are not believed, and what failed in the last run."""
    if context.invoked_subcommand is not None:
        return
    from pipelines.releases import WAITING  # noqa: PLC0415 - takes a moment to import

    settings = stores.load_settings()
    shown = [row for row in _rows(settings).to_dicts() if everything or row["state"] in WAITING]
    gates = _gates(settings)
    if as_json:
        document = {"quarantine": shown, "gates": gates}
        print(json.dumps(document, default=plain, indent=2))  # noqa: T201 - the answer itself, unstyled
    else:
        _print_rows(shown)
        _print_gates(gates)


def release(
    rows: Annotated[list[str], typer.Argument(metavar="ID…", help=f"As `folio quality` lists them: {_IDS}.")],
    reason: Annotated[str, typer.Option(help="Why it is to be believed; it is kept.")],
) -> None:
    """Accept rows as they were fetched: the next refresh takes them. Another value of theirs is judged anew."""
    from pipelines.releases import NotReleasableError, releasable  # noqa: PLC0415

    settings = stores.load_settings()
    ledger = stores.own_ledger(settings)
    try:
        known = _rows(settings)
        accepted = releasable(_numbers(rows, known), known)
    except NotReleasableError as error:
        raise CommandError(str(error), Exit.USAGE) from error
    ledger.market().release(settings.user, accepted, reason=reason)
    names = list(dict.fromkeys(f"{row['table_name']} {row['key']}" for row in accepted))
    out.print(f"{shortened(', '.join(names))} will be taken by the next `folio refresh`", markup=False)


def _rows(settings: "Settings") -> "pl.DataFrame":
    """Return every row ever held back, those that wait first; ``accepted`` is one that the next refresh takes."""
    from pipelines.releases import with_accepted  # noqa: PLC0415
    from warehouse.ops import Ops  # noqa: PLC0415

    ledger = stores.open_ledger(settings)  # asking for something makes no file
    return with_accepted(Ops.open(settings.ops_url).quarantine().rows(), ledger.market().releases())


def _gates(settings: "Settings") -> list[dict[str, Any]]:
    """Return what the gates of the last run found, as ``quality_results`` has it."""
    from warehouse.ops import Ops  # noqa: PLC0415

    ops = Ops.open(settings.ops_url)
    last = ops.runs(1)["run_id"].to_list()
    return ops.gates(last[0]).to_dicts() if last else []


def _numbers(stated: Iterable[str], rows: "pl.DataFrame") -> list[int]:
    """Return the ids that are meant; of a range those of open rows, or its first where none is."""
    from warehouse.schema.ops import OPEN  # noqa: PLC0415

    waiting = set(rows.filter(rows["state"] == OPEN)["quarantine_id"])
    found: list[int] = []
    for text in stated:
        first, dash, last = text.partition("-")
        ends = (first, last) if dash else (first, first)
        if not all(end.isascii() and end.isdigit() for end in ends) or int(ends[0]) > int(ends[1]):
            raise CommandError(f"{text!r} is not {_IDS}", Exit.USAGE)
        first_id, last_id = int(ends[0]), int(ends[1])
        meant = sorted(number for number in waiting if first_id <= number <= last_id) if dash else []
        found += meant or [first_id]
    return found


def _print_rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        out.print("Nothing is held back.")
        return
    out.print(table(None, _HEADINGS, [_line(row) for row in rows[:MOST_ROWS]], numbers=("id",)))
    if len(rows) > MOST_ROWS:
        out.print(f"[dim]and {len(rows) - MOST_ROWS} more; --json has them all[/dim]")


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    names = ("quarantine_id", "table_name", "about", "date", "rule", "value", "expected", "reason", "state")
    seen = f"{row['last_seen_at']:%Y-%m-%d %H:%M}Z"
    return (*(escape(shortened(plain(row[name]), _LONGEST)) for name in names), seen)


def _print_gates(gates: list[dict[str, Any]]) -> None:
    failed = [gate for gate in gates if not gate["passed"]]
    rows = [
        (gate["table_name"], gate["rule"], "blocks" if gate["blocking"] else "warns", str(gate["failed_rows"]))
        for gate in failed
    ]
    out.print(f"\n{len(gates) - len(rows)} of {len(gates)} rules passed in the last run.")
    if rows:
        out.print(table(None, ("table", "rule", "", "rows"), rows, numbers=("rows",)))
