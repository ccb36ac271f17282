"""How long thousands of symbols take from a provider into the publication: ``python -m tests.benchmarks.ingest``.

Belongs here: a whole refresh of many symbols, the database's part of a day's increment, a backfill; in seconds and in
seconds of CPU, for a machine may have other things to do. Does not: the provider (`exchange`, a process of its own
whose CPU does not count), storage alone (`publish`), the marts (`portfolios`).
"""

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from pipelines.cli.backfill import run_backfill
from pipelines.defs.progress import StepDone
from pipelines.defs.run import materialize_all
from tests.benchmarks.exchange import LAST, exchange, names
from warehouse.build import open_candidate
from warehouse.ledger import Ledger
from warehouse.publish import publish
from warehouse.published import latest
from warehouse.reader import Reader
from warehouse.schema import market
from warehouse.settings import Settings

HOUR = 3600
SHOWN_STEPS = 5
_YEAR = """
INSERT INTO price_history
SELECT printf('S%05d', s), DATE '2024-01-01' + d::INTEGER, NULL, NULL, NULL,
       (50 + (s * 31 + d * 17) % 400 / 100.0)::DECIMAL(20, 8), 1000, 'USD', 'yahoo', TIMESTAMPTZ '2025-01-01',
       TIMESTAMPTZ '2025-01-01', true
FROM range(?) a(s), range(252) b(d)
"""
_MASTER = """
INSERT INTO symbols (symbol, currency, price_unit, status, updated_at)
SELECT DISTINCT symbol, 'USD', 'USD', 'active', TIMESTAMPTZ '2025-01-01' FROM price_history
"""
console = Console()


@dataclass
class Spent:
    """What something took: seconds on the wall, and of this process's CPU."""

    wall: float = 0.0
    cpu: float = 0.0


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure a block."""
    spent = Spent()
    wall, cpu = time.perf_counter(), _cpu()
    yield spent
    spent.wall, spent.cpu = time.perf_counter() - wall, _cpu() - cpu


@contextmanager
def deployment(years: int) -> Iterator[Settings]:
    """Yield a deployment that holds one symbol of an exchange, without any limit."""
    with tempfile.TemporaryDirectory() as name, exchange(years) as url:
        settings = Settings(
            home=Path(name),
            clock=LAST,
            yahoo_url=url,
            ecb_url=url,
            yahoo_limits=("none",),
            keep_publications=1,
            _env_file=None,
        )
        own = Ledger.open(settings.ledger_url).for_user(settings.user)
        portfolio = own.create_portfolio("Main", "USD")
        row = {"date": LAST, "type": "BUY", "account": "Depot", "symbol": names(1)[0], "currency": "USD"}
        money = {"quantity": 1, "price": 90, "amount": 90, "fee": 0, "tax": 0}
        row |= {name: Decimal(value) for name, value in money.items()}
        own.add_transactions(portfolio.portfolio_id, pl.DataFrame([row]), source="made up")
        yield settings


def prices(settings: Settings) -> int:
    """Return how many prices are published."""
    return int(Reader(settings).query("SELECT count(*) AS n FROM price_history")["n"].item())


def first_year(settings: Settings, symbols: int) -> None:
    """Fetch a year of many symbols, and publish it."""
    materialize_all(settings)  # what is imported once a process is imported now
    steps: list[StepDone] = []
    with spending() as spent:
        outcome = materialize_all(settings, symbols=names(symbols), progress=steps.append)
    file = latest(settings)
    size = file.path.stat().st_size / 1e6 if file else 0.0
    done = "published" if outcome.success else "; ".join(outcome.failures)
    rows = prices(settings)
    report = Table("part", "seconds", title=f"{symbols:,} symbols, {rows:,} prices, {size:.0f} MB: {done}")
    report.add_row("all", f"{spent.wall:.1f}")
    report.add_row("of CPU", f"{spent.cpu:.1f}")
    for step in sorted(steps, key=lambda step: -step.seconds)[:SHOWN_STEPS]:
        report.add_row(step.step, f"{step.seconds:.2f}")
    report.add_row("symbols an hour", f"{HOUR * symbols / spent.wall:,.0f}")
    report.add_row("symbols an hour of CPU", f"{HOUR * symbols / spent.cpu:,.0f}")
    console.print(report)


def a_day(count: int) -> pl.DataFrame:
    """Return one more session of every symbol."""
    day = LAST + dt.timedelta(days=2)
    now = dt.datetime.combine(day, dt.time(22), dt.UTC)
    frame = pl.DataFrame({"symbol": names(count), "date": day, "currency": "USD", "source": "yahoo"}).with_columns(
        close=pl.lit("101.5").cast(market.PRICE_HISTORY.polars_schema["close"]),
        fetched_at=pl.lit(now),
        known_from=pl.lit(now),
        bulk_loaded=pl.lit(value=False),
    )
    return market.PRICE_HISTORY.conform(frame)


def stored(settings: Settings, symbols: int) -> None:
    """Publish a year of made-up prices of many symbols, and their master."""
    candidate = open_candidate(settings, "fill")
    candidate.sql_write(_YEAR, [symbols])
    candidate.sql_write(_MASTER)
    publish(candidate, settings, now=dt.datetime.combine(LAST, dt.time(22), dt.UTC))


def increment(settings: Settings, symbols: int) -> None:
    """Write one more day of them, as a run does."""
    report = Table("part", "seconds", "of CPU", title=f"one more day of {symbols:,} symbols: the database's part")
    rows, stored = a_day(symbols), Reader(settings).table(market.SYMBOLS)
    now = rows["fetched_at"][0]
    moved = stored.with_columns(
        last_price=pl.lit("101.5").cast(market.SYMBOLS.polars_schema["last_price"]), last_price_at=now
    )
    total = Spent()

    def timed(part: str, work: Callable[[], object]) -> None:
        with spending() as spent:
            work()
        total.wall += spent.wall
        total.cpu += spent.cpu
        report.add_row(part, f"{spent.wall:.3f}", f"{spent.cpu:.3f}")

    candidates = []
    timed("open a candidate", lambda: candidates.append(open_candidate(settings, "increment")))
    (candidate,) = candidates
    timed("prices and master", lambda: candidate.record_prices(rows, moved, now=now))
    timed("the same again", lambda: candidate.record_prices(rows, moved, now=now))
    timed("publish", lambda: publish(candidate, settings, now=now))
    report.add_row("all", f"{total.wall:.3f}", f"{total.cpu:.3f}")
    console.print(report)


def backfilled(settings: Settings, symbols: int, years: int) -> None:
    """Fetch years of some symbols, piece by piece, and publish them."""
    materialize_all(settings)
    before = prices(settings)
    with spending() as spent:
        run_backfill(settings, range(LAST.year - years + 1, LAST.year + 1), symbols=names(symbols))
    said = f"backfill of {symbols:,} symbols × {years} years, {prices(settings) - before:,} prices"
    console.print(f"{said}: {spent.wall:.1f} s, {spent.cpu:.1f} s of CPU")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ingest", description=__doc__)
    parser.add_argument("--symbols", type=int, default=10_000, help="fetched for a year; 0 for none")
    parser.add_argument("--increment", type=int, default=10_000, help="stored for a day more; 0 for none")
    parser.add_argument("--backfill", type=int, default=500, help="symbols; 0 for none")
    parser.add_argument("--years", type=int, default=10)
    asked = parser.parse_args()
    if asked.symbols:
        with deployment(years=1) as settings:
            first_year(settings, asked.symbols)
    if asked.increment:
        with tempfile.TemporaryDirectory() as name:
            settings = Settings(home=Path(name), _env_file=None)
            stored(settings, asked.increment)
            increment(settings, asked.increment)
    if asked.backfill:
        with deployment(years=asked.years) as settings:
            backfilled(settings, asked.backfill, asked.years)


if __name__ == "__main__":
    main()
