"""`folio sources`: how the providers of market data do, and the end of leaving one alone.

Belongs here: options, how it reads in a terminal. Does not: the figures (`pipelines.providers.health`), failures and
exit codes (`app`).
"""

import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from pipelines.cli import stores
from pipelines.cli.console import out, plain, shortened, table
from pipelines.cli.exits import CommandError, Exit

if TYPE_CHECKING:
    import polars as pl

    from warehouse.settings import Settings

_HEADINGS = (
    "source",
    "breaker",
    "calls today",
    "failed",
    "p50 ms",
    "p95 ms",
    "quota left",
    "last answer",
    "last error",
)
_NUMBERS = ("calls today", "failed", "p50 ms", "p95 ms", "quota left")
_ERROR = 80


def sources(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show how the providers of market data do: calls, failures, latencies, who is left alone, quota left."""
    if context.invoked_subcommand is not None:
        return
    health = _health(stores.load_settings())
    if as_json:
        print(json.dumps(health.to_dicts(), default=plain, indent=2))  # noqa: T201 - the answer itself, unstyled
    else:
        out.print(table(None, _HEADINGS, [_row(row) for row in health.to_dicts()], numbers=_NUMBERS))


def reset(name: Annotated[str, typer.Argument(help="The source, as `folio sources` lists it.")]) -> None:
    """Ask a source again that is left alone; what was sent today still counts."""
    from pipelines.providers.health import ask_again  # noqa: PLC0415
    from warehouse.ops import Ops  # noqa: PLC0415

    settings = stores.load_settings()
    known = _health(settings)["source"].to_list()
    if name not in known:
        raise CommandError(f"no source {name!r}; there are {', '.join(known)}", Exit.USAGE)
    ask_again(Ops.open(settings.ops_url).providers(), name)
    (now,) = _health(settings).filter(source=name).to_dicts()
    when = "from midnight UTC on: its quota of today is spent" if now["quota_left"] == 0 else "again"
    out.print(f"{name} is asked {when}", markup=False)


def _health(settings: "Settings") -> "pl.DataFrame":
    from pipelines.providers.health import provider_health  # noqa: PLC0415
    from pipelines.providers.limits import limits_of  # noqa: PLC0415
    from warehouse.ops import Ops  # noqa: PLC0415

    stores.open_ledger(settings)  # asking for something makes no file
    return provider_health(
        Ops.open(settings.ops_url).providers(),
        limits_of(settings),
        asked=frozenset((*settings.price_sources, *settings.fx_sources)),
        now=dt.datetime.now(dt.UTC),
    )


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        escape(row["source"]),
        _breaker(row),
        str(row["calls"]),
        str(row["failures"]),
        plain(row["latency_p50_ms"]),
        plain(row["latency_p95_ms"]),
        plain(row["quota_left"]),
        "" if row["last_ok_at"] is None else f"{row['last_ok_at']:%Y-%m-%d %H:%M:%S}Z",
        escape(shortened(row["last_error"] or "", _ERROR)),
    )


def _breaker(row: dict[str, Any]) -> str:
    left_alone = [
        (until, said)
        for until, said in ((row["open_until"], "open"), (row["not_before"], "asked to wait"))
        if until is not None
    ]
    if not left_alone:
        return str(row["breaker"])
    until, said = max(left_alone)
    return f"{said} until {until:%H:%M:%S}Z"
