"""`folio quality`: rows that were not believed, what the gates of the last run found, and accepting a row.

Belongs here: options, how it reads in a terminal, what cannot be accepted. Does not: the rules (`pipelines.quality`),
how a release is kept (`warehouse.ledger`), failures and exit codes (`app`).
"""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from pipelines.cli import stores
from pipelines.cli.console import out, plain, shortened, table
from pipelines.cli.exits import CommandError, Exit

if TYPE_CHECKING:
    from warehouse.settings import Settings

MOST_ROWS = 40
"""Rows that a terminal shows; ``--json`` has them all."""
_LONGEST = 100
_OPEN, _ACCEPTED = "open", "accepted"
_WAITING = (_OPEN, _ACCEPTED)
_ORDER = (*_WAITING, "released", "resolved")
_HEADINGS = ("id", "table", "about", "date", "rule", "value", "expected", "reason", "state", "last seen")
_IDS = "an id such as 12, or a range such as 12-40"


def quality(
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also rows that are resolved or released.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """List the rows that are held back because they are not believed, and what failed in the last run."""
    if context.invoked_subcommand is not None:
        return
    settings = stores.load_settings()
    shown = [row for row in _rows(settings) if everything or row["state"] in _WAITING]
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
    settings = stores.load_settings()
    ledger = stores.own_ledger(settings)
    known = {row["quarantine_id"]: row for row in _rows(settings)}
    accepted = _same_rows([_releasable(number, known) for number in _numbers(rows)], known.values())
    ledger.market().release(settings.user, accepted, reason=reason)
    names = list(dict.fromkeys(f"{row['table_name']} {row['key']}" for row in accepted))
    out.print(f"{shortened(', '.join(names))} will be taken by the next `folio refresh`", markup=False)


def _rows(settings: "Settings") -> list[dict[str, Any]]:
    """Return every row ever held back, those that wait first; ``accepted`` is one that the next refresh takes."""
    from pipelines.quality.admission import Past  # noqa: PLC0415 - takes a moment to import
    from warehouse.ops import Ops  # noqa: PLC0415

    ledger = stores.open_ledger(settings)  # asking for something makes no file
    rows = Ops.open(settings.ops_url).quarantine().rows()
    open_rows = rows.filter(rows["state"] == _OPEN)
    accepted = set(Past(open_rows=open_rows, releases=ledger.market().releases()).released["quarantine_id"])
    said = [
        {**row, "state": _ACCEPTED if row["quarantine_id"] in accepted else row["state"]} for row in rows.to_dicts()
    ]
    return sorted(said, key=lambda row: (_ORDER.index(row["state"]), row["quarantine_id"]))


def _gates(settings: "Settings") -> list[dict[str, Any]]:
    """Return what the gates of the last run found, as ``quality_results`` has it."""
    from warehouse.ops import Ops  # noqa: PLC0415

    ops = Ops.open(settings.ops_url)
    last = ops.runs(1)["run_id"].to_list()
    return ops.gates(last[0]).to_dicts() if last else []


def _numbers(stated: Iterable[str]) -> list[int]:
    found: list[int] = []
    for text in stated:
        first, dash, last = text.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise CommandError(f"{text!r} is not {_IDS}", Exit.USAGE)
        found += range(int(first), int(last or first) + 1)
    return found


def _releasable(number: int, known: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    from pipelines.quality.admission import IMPOSSIBLE  # noqa: PLC0415

    row = known.get(number)
    if row is None:
        raise CommandError(f"there is no row {number}: `folio quality --all` lists them", Exit.USAGE)
    if row["state"] not in _WAITING:
        raise CommandError(f"row {number} is {row['state']} already", Exit.USAGE)
    if row["rule"] in IMPOSSIBLE:
        raise CommandError(f"row {number} can never be: {row['reason']}; put your own into the inbox", Exit.USAGE)
    return row


def _same_rows(chosen: list[dict[str, Any]], known: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every open finding on the rows that are chosen: whoever accepts a row accepts it whole."""
    keys = {(row["table_name"], row["key"]) for row in chosen}
    return [row for row in known if row["state"] == _OPEN and (row["table_name"], row["key"]) in keys]


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
