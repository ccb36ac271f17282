"""How long the marts of many portfolios take, and how much memory: ``python -m tests.benchmarks.portfolios``.

Belongs here: measuring every portfolio through the engine into a candidate, as the marts' step does. Does not: one
portfolio alone (`complete_view`), a whole run (`run`).
"""

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import polars as pl
import psutil
from rich.console import Console
from rich.table import Table as Shown

from pipelines.valuation.batch import MARTS
from pipelines.valuation.batches import value_portfolios
from tests.benchmarks.market import LAST, SPLITS_EVERY, Size, ledger, market, names
from warehouse.build import open_candidate
from warehouse.schema import Table
from warehouse.schema import ledger as mirrors
from warehouse.schema import market as stored
from warehouse.schema.ops import QUARANTINE
from warehouse.settings import Settings

SYMBOLS, HELD, TRANSACTIONS, YEARS = 510, 50, 400, 10
ROWS = (100, 300, 1_000)
SMALL = 50
ALIKE = 30
"""Every so many symbols have the same currency, and neither split nor pay otherwise."""
EVERY_SECONDS = 0.05


def conformed(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the columns of a table, those that it lacks as null."""
    missing = [pl.lit(None, column.dtype).alias(column.name) for column in table.columns]
    return frame.with_columns(*(one for one in missing if one.meta.output_name() not in frame.columns)).select(
        table.names
    )


def made_up_market() -> dict[str, pl.DataFrame]:
    """Return the market's tables."""
    made = market(Size(symbols=SYMBOLS, transactions=0, years=YEARS))
    rates = made.fx.filter(pl.col("from_currency") == "EUR").select("date", currency="to_currency", per_eur="rate")
    frames = {
        stored.PRICE_HISTORY: made.prices,
        stored.FX_HISTORY: rates,
        stored.SPLIT_HISTORY: made.splits,
        stored.DIVIDEND_HISTORY: made.dividends,
        stored.SYMBOLS: made.symbols,
        stored.TRADING_SESSIONS: made.sessions,
    }
    stated = {table.name: conformed(table, frame) for table, frame in frames.items()}
    return stated | {QUARANTINE.name: QUARANTINE.empty()}


def own_symbols(number: int) -> dict[str, str]:
    """Return what a portfolio has in the place of the story's symbols: others of the same currency.

    Those that split stay, for the story counts their units by the day on which they do.
    """
    every, moved = names(Size(symbols=SYMBOLS, transactions=0, years=YEARS)), ALIKE * number
    return {every[at]: every[(at + moved) % SYMBOLS] for at in range(HELD) if at % SPLITS_EVERY}


def made_up_ledgers(count: int) -> dict[str, pl.DataFrame]:
    """Return the mirrors of so many portfolios with the same story, each of other symbols."""
    story = ledger(Size(symbols=HELD, transactions=TRANSACTIONS, years=YEARS))
    transactions, accounts = [], []
    for number in range(count):
        key = pl.lit(f"p{number:04}").alias("portfolio_id")
        ids = pl.format("p{}-{}", pl.lit(number), "transaction_id").alias("transaction_id")
        transactions.append(story.transactions.with_columns(key, ids, pl.col("symbol").replace(own_symbols(number))))
        accounts.append(story.accounts.with_columns(key))
    numbers = pl.DataFrame({"number": range(count)})
    portfolios = numbers.select(
        pl.format("p{}", pl.col("number").cast(pl.String).str.zfill(4)).alias("portfolio_id"),
        pl.format("Portfolio {}", "number").alias("name"),
        base_currency=pl.lit("EUR"),
        cost_method=pl.lit("fifo"),
        benchmark=pl.lit("S0001"),
        version=pl.lit(1, dtype=pl.Int64),
        owner_id=pl.lit("me"),
    )
    frames = {
        mirrors.PORTFOLIOS: portfolios,
        mirrors.TRANSACTIONS: pl.concat(transactions),
        mirrors.ACCOUNTS: pl.concat(accounts),
        mirrors.DIVIDEND_DECISIONS: mirrors.DIVIDEND_DECISIONS.empty(),
        mirrors.ALLOCATION_TARGETS: mirrors.ALLOCATION_TARGETS.empty(),
        mirrors.SYMBOL_OVERRIDES: mirrors.SYMBOL_OVERRIDES.empty(),
        mirrors.MANUAL_PRICES: mirrors.MANUAL_PRICES.empty(),
    }
    return {table.name: conformed(table, frame) for table, frame in frames.items()}


class Peaks:
    """The most memory that this process and the largest of its workers have had, in MB of their own."""

    def __init__(self) -> None:
        self.parent = self.worker = 0

    def look(self) -> None:
        """Look once."""
        this = psutil.Process()
        self.parent = max(self.parent, _own_megabytes(this))
        self.worker = max(self.worker, *map(_own_megabytes, this.children()), 0)


def _own_megabytes(process: psutil.Process) -> int:
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    # Pages of mapped files are the kernel's to take back; counted where it says which they are.
    return int((memory.rss - getattr(memory, "shared", 0)) / 1e6)


@contextmanager
def watched() -> Iterator[Peaks]:
    """Yield the peaks, which are looked for again and again."""
    peaks, over = Peaks(), Event()

    def look() -> None:
        while not over.wait(EVERY_SECONDS):
            peaks.look()

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def measured(count: int, workers: int) -> dict[str, float]:
    """Return what so many portfolios take: seconds, of the clock and of all processes' cores, and peaks in MB."""
    tables = made_up_market() | made_up_ledgers(count)
    gc.collect()
    with tempfile.TemporaryDirectory() as name, watched() as peaks:
        settings = Settings(home=Path(name))
        candidate = open_candidate(settings, "benchmark")
        used, started = cpu_seconds(), time.perf_counter()
        with closing(value_portfolios(tables, as_of=LAST, workers=workers, folder=settings.build_dir)) as batches:
            heights = candidate.refill(MARTS, (batch.frames for batch in batches))
        seconds = time.perf_counter() - started
        used = cpu_seconds() - used
        candidate.drop()
    if heights["complete_views"] % count or not heights["complete_views"]:
        message = f"{heights['complete_views']} sections of {count} portfolios: some were refused"
        raise RuntimeError(message)
    return {
        "portfolios": count,
        "workers": workers,
        "seconds": round(seconds, 2),
        "seconds_per_portfolio": round(seconds / count, 4),
        "cpu_seconds_per_portfolio": round(used / count, 4),
        "parent_peak_mb": peaks.parent,
        "worker_peak_mb": peaks.worker,
    }


def cpu_seconds() -> float:
    """Return the seconds of cores that this process and its ended children have used."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", type=int, nargs="?", const=SMALL, help=f"one row of so many portfolios, or of {SMALL}"
    )
    parser.add_argument("--workers", type=int, help="processes; a core each unless stated")
    asked = parser.parse_args()
    workers = asked.workers or Settings().worker_count
    rows = [measured(count, workers) for count in ((asked.only,) if asked.only else ROWS)]
    shown = Shown(*rows[0], title=f"portfolios of {HELD} symbols, {TRANSACTIONS} transactions, {YEARS} years")
    for row in rows:
        shown.add_row(*map(str, row.values()))
    Console().print(shown)
    print(json.dumps(rows[-1]))  # noqa: T201 - for programs


if __name__ == "__main__":
    main()
