"""How long it takes to match a million trades with their lots: ``python -m tests.benchmarks.match_lots``.

Belongs here: measuring on made-up trades. Does not: whether the answer is right (`tests/unit/portfolio/test_matching`).

Each row is measured in a process of its own, so that its peak memory is its own: one round that does not count, then
the median of three. The last line is the first row's result as JSON.
"""

import datetime as dt
import json
import multiprocessing
import resource
import statistics
import sys
import time
from dataclasses import dataclass

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from pipelines.portfolio.lots.matching import match_lots
from pipelines.portfolio.lots.trades import TRADE_SCHEMA
from pipelines.portfolio.models import CostMethod

ROUNDS = 3
FIRST, DAYS = dt.date(2005, 1, 3), 7_300
ACCOUNTS, SYMBOLS = 10, 100
BUYS = 0.55
MEGABYTE = 1024 if sys.platform == "linux" else 1024 * 1024  # of what getrusage counts in


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured."""

    rows: int
    method: CostMethod


@dataclass(frozen=True, slots=True)
class Measured:
    """What a case took; ``peak_before_mb`` is what making the trades had taken already."""

    seconds: float
    realized: int
    open: int
    peak_mb: float
    peak_before_mb: float


CASES = (
    Case(1_000_000, CostMethod.FIFO),
    Case(1_000_000, CostMethod.LIFO),
    Case(1_000_000, CostMethod.HIFO),
    Case(1_000_000, CostMethod.SPECIFIC),
    Case(100_000, CostMethod.AVERAGE),
)


def trades(rows: int, *, seed: int = 7) -> pl.DataFrame:
    """Return trades over 20 years, by day, of 10 accounts in 100 symbols: 55 % purchases, never oversold."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, ACCOUNTS * SYMBOLS, rows)
    units = rng.integers(1, 200, rows)
    is_buy = rng.random(rows) < BUYS
    held = [0] * (ACCOUNTS * SYMBOLS)
    for row, group in enumerate(groups.tolist()):
        is_buy[row] |= held[group] == 0
        units[row] = units[row] if is_buy[row] else min(units[row], held[group])
        held[group] += int(units[row]) if is_buy[row] else -int(units[row])
    hundredths = {"amount": units * rng.integers(1_000, 40_000, rows), "fee": np.full(rows, 495), "tax": units * 0}
    days = pl.Series(np.sort(rng.integers(0, DAYS, rows)))
    columns = {
        "account": pl.Series([f"Account {number}" for number in range(ACCOUNTS)]).gather(groups // SYMBOLS),
        "symbol": pl.Series([f"S{number:03}" for number in range(SYMBOLS)]).gather(groups % SYMBOLS),
        "date": FIRST + pl.duration(days=1) * days,
        "side": pl.Series(np.where(is_buy, "buy", "sell")),
        "quantity": pl.Series(units),
    } | {name: pl.Series(values).cast(pl.Decimal(20, 0)) / 100 for name, values in hundredths.items()}
    return pl.select(**columns).select(pl.col(name).cast(dtype) for name, dtype in TRADE_SCHEMA.items())


def measure(case: Case) -> Measured:
    """Measure one case in this process."""
    made = trades(case.rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    seconds = []
    for _ in range(1 + ROUNDS):
        started = time.perf_counter()
        found = match_lots(made, method=case.method)
        seconds.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return Measured(statistics.median(seconds[1:]), found.realized.height, found.open.height, peak, before)


def measured_apart(case: Case) -> Measured:
    """Measure a case in a new process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (case,))


def table(results: dict[Case, Measured]) -> Table:
    """Return what was measured, a row a case."""
    shown = Table(title=f"match_lots, {dt.datetime.now(dt.UTC):%Y-%m-%d}, polars {pl.__version__}")
    for column in ("trades", "method", "seconds", "realized rows", "open lots", "peak MB", "MB before"):
        shown.add_column(column, justify="right")
    for case, row in results.items():
        numbers = (f"{row.realized:,}", f"{row.open:,}", f"{row.peak_mb:.0f}", f"{row.peak_before_mb:.0f}")
        shown.add_row(f"{case.rows:,}", case.method.value, f"{row.seconds:.2f}", *numbers)
    return shown


def main() -> None:
    """Measure all cases and print them."""
    results = {case: measured_apart(case) for case in CASES}
    Console(width=120).print(table(results))
    first = results[CASES[0]]
    said = {"trades": CASES[0].rows, "seconds": round(first.seconds, 3), "peak_mb": round(first.peak_mb)}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
