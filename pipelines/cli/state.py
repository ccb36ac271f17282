"""`folio status`: what is published, how the last runs ended, what is not published yet.

Belongs here: gathering and printing it. Does not: repairing anything.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from rich.markup import escape
from sqlalchemy.exc import DatabaseError

from pipelines.cli.console import out, plain, shortened, table
from pipelines.cli.room import no_room
from pipelines.cli.stores import open_ledger
from warehouse.errors import ChangedPublicationError, VanishedPublicationError
from warehouse.ledger import Portfolio
from warehouse.ops import Ops, note_killed
from warehouse.published import Publication, latest, vanished
from warehouse.reader import Reader
from warehouse.schema import ledger as declared
from warehouse.schema.market import SYMBOLS
from warehouse.schema.ops import EVERY_FILE_TAKEN
from warehouse.seals import earlier, is_as_sealed
from warehouse.settings import Settings

LAST_RUNS = 5
_SAMPLE = 100
_UNLISTED = ("delisted", "renamed")

Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class State:
    """A deployment as it stands.

    Args:
        home: Folder of every file.
        disk: That there is no room left for them, where there is none.
        kind: Whose the ledger is: ``own``, ``demo``, or None while nobody has said.
        ledger: Why the ledger cannot be read, where it cannot; its portfolios are not told then.
        clock: The day that counts as today, where the settings fix it.
        publication: ``id``, ``published_at`` and ``age_seconds`` of the last one; None before the first.
        changed: What to do about the published file, where it was changed or taken away since; else None.
        portfolios: ``name``, ``base_currency``, ``version``, and ``published_version`` (None before the first).
        runs: The last runs, newest first.
        failed_gates: What kept the newest run with a failed gate from being published, or was noted in it.
        refused_files: What is wrong with each file of the inbox that the last look at it did not take.
        sources: The last answer of every provider.
        held_back: Rows in quarantine that nothing has resolved yet.
        unlisted: ``symbol``, ``status``, ``provider_symbol`` and ``last_price_at`` of symbols that are delisted or
            renamed.
    """

    home: str
    disk: str | None
    kind: str | None
    ledger: str | None
    clock: dt.date | None
    publication: dict[str, Any] | None
    changed: str | None
    portfolios: Rows
    runs: Rows
    failed_gates: Rows
    refused_files: list[str]
    sources: Rows
    held_back: int
    unlisted: Rows


def gather(settings: Settings, *, now: dt.datetime) -> State:
    """Return the state of a deployment.

    Raises:
        CommandError: If there is no ledger yet.
    """
    ledger = _of_ledger(settings)
    publication = latest(settings)
    published = Reader(settings).table(declared.PORTFOLIOS) if publication else declared.PORTFOLIOS.empty()
    versions = dict(published.select("portfolio_id", "version").iter_rows())
    ops = Ops.open(settings.ops_url)
    note_killed(ops, settings.running_dir, now=now)
    runs = ops.runs(LAST_RUNS)
    gates = ops.gates()
    last = gates.filter(~pl.col("passed"), pl.col("run_id") == runs["run_id"][0]) if runs.height else gates.clear()
    return State(
        home=str(settings.home),
        disk=no_room(settings.home),
        kind=ledger.kind,
        ledger=ledger.unreadable,
        clock=settings.clock,
        publication=None
        if publication is None
        else {
            "id": publication.id,
            "published_at": publication.published_at,
            "age_seconds": int((now - publication.published_at).total_seconds()),
        },
        changed=_changed(settings, publication),
        portfolios=[
            {
                "name": portfolio.name,
                "base_currency": portfolio.base_currency,
                "version": portfolio.version,
                "published_version": versions.get(portfolio.portfolio_id),
            }
            for portfolio in ledger.portfolios
        ],
        runs=runs.to_dicts(),
        failed_gates=last.to_dicts(),
        refused_files=_refused_files(gates),
        sources=ops.providers().health().to_dicts(),
        held_back=ops.quarantine().open_rows().height,
        unlisted=_unlisted(Reader(settings).table(SYMBOLS, where={"status": _UNLISTED}) if publication else None),
    )


@dataclass(frozen=True)
class _Ledger:
    """What a ledger says of itself, or why it says nothing."""

    kind: str | None
    portfolios: Sequence[Portfolio]
    unreadable: str | None


def _of_ledger(settings: Settings) -> _Ledger:
    try:
        ledger = open_ledger(settings)
        return _Ledger(ledger.kind(), ledger.for_user(settings.user).portfolios(), None)
    except DatabaseError as error:
        return _Ledger(None, (), " ".join(str(error.orig).split()))


def _changed(settings: Settings, publication: Publication | None) -> str | None:
    if publication is None:
        path = vanished(settings)
        return None if path is None else str(VanishedPublicationError(path))
    path = publication.path.resolve()
    if is_as_sealed(path, path):
        return None
    return str(ChangedPublicationError(path, settings.warehouse_link, earlier(path)))


def _unlisted(symbols: pl.DataFrame | None) -> Rows:
    columns = ("symbol", "status", "provider_symbol", "last_price_at")
    return [] if symbols is None else symbols.select(columns).to_dicts()


def _refused_files(gates: pl.DataFrame) -> list[str]:
    """Return what is wrong with the files that were not taken, by the last run of each kind that looked at them."""
    looks = gates.filter(pl.col("rule") == EVERY_FILE_TAKEN).group_by("table_name", maintain_order=True).last()
    samples = looks["sample"].drop_nulls()
    return list(dict.fromkeys(row["problem"] for sample in samples for row in json.loads(sample)))


def print_state_json(state: State) -> None:
    """Print the state as JSON."""
    print(json.dumps(vars(state), default=plain, indent=2))  # noqa: T201 - the answer itself, unstyled


def print_state(state: State) -> None:
    """Print the state for people."""
    out.print(f"Home        {state.home}{', the demo' if state.kind == 'demo' else ''}", soft_wrap=True)
    if state.ledger:
        out.print(f"[bold red]Ledger[/bold red]      {escape(state.ledger)}", highlight=False, soft_wrap=True)
    if state.disk:
        out.print(f"[bold red]Disk[/bold red]        {escape(state.disk)}", highlight=False, soft_wrap=True)
    if state.clock is not None:
        out.print(f"Clock       stands at {state.clock}")
    if state.publication is None:
        out.print("Published   nothing yet: run `folio refresh`" if state.changed is None else "Published   gone")
    else:
        age = dt.timedelta(seconds=state.publication["age_seconds"])
        out.print(f"Published   {state.publication['id']}, {_age(age)} ago")
    if state.changed:
        out.print(f"[bold red]Changed[/bold red]     {escape(state.changed)}", highlight=False, soft_wrap=True)
    if state.held_back:
        out.print(f"Quarantine  {state.held_back} rows held back: `folio quality` lists them")
    _print_tables(state)


def _print_tables(state: State) -> None:
    tables = (
        (None, ("portfolio", "base", "state"), [_portfolio(row) for row in state.portfolios]),
        ("Last runs", ("started", "kind", "ended", "message"), [_run(row) for row in state.runs]),
        (
            "What failed in the last run",
            ("table", "rule", "", "rows", "the first"),
            [_gate(row) for row in state.failed_gates if row["rule"] != EVERY_FILE_TAKEN],
        ),
        ("Sources", ("source", "last asked", "state"), [_source(row) for row in state.sources]),
        ("Delisted or renamed", ("symbol", "", "last price"), [_unlisted_row(row) for row in state.unlisted]),
    )
    if state.refused_files:
        out.print("\n[bold]Files that were not taken[/bold]")
        for problem in state.refused_files:
            out.print(problem, markup=False, highlight=False, soft_wrap=True)
    for title, columns, rows in tables:
        if rows:
            out.print()
            out.print(table(title, columns, ([escape(cell) for cell in row] for row in rows)))


def _age(age: dt.timedelta) -> str:
    hours, rest = divmod(max(int(age.total_seconds()), 0), 3600)  # clocks of two machines are seconds apart
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {rest // 60} min"


def _moment(value: dt.datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}Z"


def _portfolio(row: dict[str, Any]) -> tuple[str, ...]:
    version, published = row["version"], row["published_version"]
    if published is None:
        state = "not published yet: run `folio refresh`"
    elif published == version:
        state = "published"
    else:
        state = f"{version - published} changes ahead of the publication: run `folio refresh`"
    return (row["name"], row["base_currency"], state)


def _run(row: dict[str, Any]) -> tuple[str, ...]:
    return (_moment(row["started_at"]), row["kind"], row["status"] or "", shortened(row["message"] or ""))


def _gate(row: dict[str, Any]) -> tuple[str, ...]:
    sample: list[dict[str, str | None]] = json.loads(row["sample"] or "[]")
    said = ", ".join(f"{name} {value}" for broken in sample[:1] for name, value in broken.items() if value is not None)
    shown = shortened(said, _SAMPLE)
    return (row["table_name"], row["rule"], "blocks" if row["blocking"] else "warns", str(row["failed_rows"]), shown)


def _unlisted_row(row: dict[str, Any]) -> tuple[str, ...]:
    now = f"renamed, priced as {row['provider_symbol']}" if row["status"] == "renamed" else "delisted, nobody knows it"
    return (row["symbol"], now, _moment(row["last_price_at"]) if row["last_price_at"] else "")


def _source(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["source"], _moment(row["asked_at"]), _how_it_does(row))


def _how_it_does(row: dict[str, Any]) -> str:
    if row["ok"]:
        return "ok"
    said, failures = shortened(row["error"] or "", _SAMPLE), row["failures_in_a_row"]
    if not failures:
        return f"answers; the last time: {said}"
    return f"failed {'once' if failures == 1 else f'{failures} times in a row'}: {said}"
