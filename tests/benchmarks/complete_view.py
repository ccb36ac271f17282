"""How long the complete view takes, beside the bare scan of its prices: ``python -m tests.benchmarks.complete_view``.

Belongs here: measuring on a made-up market in a warehouse file of its own. Does not: making that market (`market`).

Each size is measured in a process of its own, so that its peak memory is its own. The last line is the second size's
result as JSON.
"""

import datetime as dt
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from rich.console import Console
from rich.table import Table

from dashboard.views import overview
from dashboard.views.glance import glance
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.marts import mart_frames
from pipelines.portfolio.models import SECTIONS, CompleteView
from pipelines.portfolio.stored import LONG, StoredView, Texts
from tests.benchmarks.market import LAST, Size, ledger, market

SIZES = (Size(symbols=50, transactions=1_000, years=5), Size(symbols=500, transactions=10_000, years=10))
FRAMES = ("prices", "fx", "splits", "dividends", "symbols", "sessions")
SCAN = "SELECT symbol, date, close, currency FROM prices"
ROUNDS = 5
MEGABYTE = 1024 if sys.platform == "linux" else 1024 * 1024  # of what getrusage counts in
BASE = "EUR"
CHARTED = ("date", "value", "flow_in", "flow_out")


def store(size: Size, path: Path) -> None:
    """Write the market, the ledger and the view's mart of that size into a new file."""
    made, stated = market(size), ledger(size)
    view = complete_view(stated, made, as_of=LAST, base_currency=BASE)
    tables = {name: getattr(made, name) for name in FRAMES}
    tables |= {"transactions": stated.transactions, "accounts": stated.accounts}
    tables["complete_views"] = mart_frames(view, portfolio_id="p", ledger_version=1)["complete_views"]
    with duckdb.connect(path) as connection:
        for name, frame in tables.items():
            connection.register("frame", frame.to_arrow())
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
            connection.unregister("frame")


def timed(works: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each, taken in turns so that a busy moment falls on all; the first counts not."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(1 + rounds):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken[1:]) for name, taken in seconds.items()}


def frames_of(connection: duckdb.DuckDBPyConnection) -> tuple[LedgerFrames, MarketFrames]:
    """Return everything that the engine takes, read from the file."""
    read = {name: connection.sql(f"FROM {name}").pl() for name in (*FRAMES, "transactions", "accounts")}
    stated = LedgerFrames(transactions=read.pop("transactions"), accounts=read.pop("accounts"), benchmark="S0001")
    return stated, MarketFrames(**read)


def stored_view(connection: duckdb.DuckDBPyConnection) -> StoredView:
    """Return the view as a page has it that finds it computed."""
    asked = "SELECT section, document FROM complete_views WHERE section IN (SELECT unnest(?))"

    def read(*names: str) -> dict[str, str]:
        return dict(connection.execute(asked, [names]).fetchall())

    short = read("top", *(name for name in SECTIONS if name not in LONG))
    return StoredView.of(Texts(short, lambda name: read(name)[name]), publication_id="p")


def from_mart(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    """Return the headline figures, completeness, top holdings, allocations and days of the chart of the Overview."""
    view = stored_view(connection)
    days = [view.performance.daily.column(name) for name in CHARTED] if view.performance else []
    return [overview.tiles(view), overview.completeness(view), overview.top(view), view.allocations, days]


def whole_overview(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    """Return all that the Overview shows, with small lines, movers and the next payments, which it makes once."""
    view = stored_view(connection)
    return [overview.tiles(view), overview.completeness(view), overview.top(view), view.allocations, glance(view)]


def as_json(view: CompleteView) -> str:
    """Return the whole document as JSON, every row of every section written out."""
    return view.model_dump_json(by_alias=True)


def measure(path: str) -> dict[str, float]:
    """Measure one stored size: seconds and megabytes."""
    with duckdb.connect(path, read_only=True) as connection:
        stated, made = frames_of(connection)
        seconds = timed(
            {
                "scan_s": lambda: connection.execute(SCAN).to_arrow_table(),
                "fresh_s": lambda: complete_view(stated, made, as_of=LAST, base_currency=BASE),
                "json_s": lambda: as_json(complete_view(stated, made, as_of=LAST, base_currency=BASE)),
                "mart_s": lambda: from_mart(connection),
                "overview_s": lambda: whole_overview(connection),
            },
            ROUNDS,
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
        seconds |= timed({"read_s": lambda: frames_of(connection)}, ROUNDS)
    return {**seconds, "ratio": seconds["fresh_s"] / seconds["scan_s"], "peak_mb": peak}


def measured_apart(size: Size) -> dict[str, float]:
    """Store a size and measure it in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "market.duckdb"
        store(size, path)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(measure, (str(path),))


def table(results: Mapping[Size, Mapping[str, float]]) -> Table:
    """Return what was measured, a row a size."""
    shown = Table(title=f"complete_view, {dt.datetime.now(dt.UTC):%Y-%m-%d}, polars {pl.__version__}")
    for column in (
        "symbols",
        "transactions",
        "years",
        "view s",
        "scan s",
        "ratio",
        "with JSON s",
        "read s",
        "mart s",
        "overview s",
        "peak MB",
    ):
        shown.add_column(column, justify="right")
    for size, row in results.items():
        shown.add_row(
            *(f"{number:,}" for number in (size.symbols, size.transactions, size.years)),
            f"{row['fresh_s']:.3f}",
            f"{row['scan_s']:.4f}",
            f"{row['ratio']:.0f}",
            f"{row['json_s']:.3f}",
            f"{row['read_s']:.3f}",
            f"{row['mart_s']:.4f}",
            f"{row['overview_s']:.3f}",
            f"{row['peak_mb']:.0f}",
        )
    return shown


def main() -> None:
    """Measure all sizes and print them."""
    results = {size: measured_apart(size) for size in SIZES}
    Console(width=120).print(table(results))
    largest = results[SIZES[-1]]
    said = ("fresh_s", "scan_s", "ratio", "mart_s", "peak_mb")
    sys.stdout.write(json.dumps({name: round(largest[name], 4) for name in said}) + "\n")


if __name__ == "__main__":
    main()
