"""How long a run takes beside 12.5 million stored prices, and its peak memory: ``python -m tests.benchmarks.run``.

Belongs here: measuring a whole refresh for a portfolio of 50 symbols. Does not: storage alone (`publish`), the engine
alone (`complete_view`).
"""

import datetime as dt
import resource
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from pipelines.defs.progress import StepDone
from pipelines.defs.run import materialize_all
from tests.benchmarks.publish import NOW, fill
from warehouse.build import open_candidate
from warehouse.ledger import Ledger
from warehouse.publish import publish
from warehouse.settings import Settings

HELD, SHOWN_STEPS = 50, 8
TODAY, BOUGHT = dt.date(2022, 12, 28), dt.date(2016, 1, 4)
_MASTER = """
INSERT INTO symbols (symbol, currency, price_unit, status, updated_at)
SELECT DISTINCT symbol, 'USD', 'USD', 'active', TIMESTAMPTZ '2026-01-01' FROM price_history
"""
_RATES = """
INSERT INTO fx_history
SELECT 'USD', DATE '2015-12-25' + d::INTEGER, 1.1, 'made up', TIMESTAMPTZ '2026-01-01', TIMESTAMPTZ '2026-01-01', true
FROM range(2560) days(d)
"""


def stored(settings: Settings) -> None:
    """Publish the made-up market."""
    candidate = open_candidate(settings, "fill")
    fill(candidate)
    candidate.sql_write(_MASTER)
    candidate.sql_write(_RATES)
    publish(candidate, settings, now=NOW)


def held(settings: Settings) -> None:
    """Write a ledger with one purchase of each of some symbols."""
    own = Ledger.open(settings.ledger_url).for_user(settings.user)
    portfolio = own.create_portfolio("Main", "EUR", benchmark="S999")
    symbols = [f"S{number}" for number in range(HELD)]
    amounts = {"quantity": 10, "price": 90, "amount": 900, "fee": 0, "tax": 0}
    rows = pl.DataFrame({"symbol": symbols}).with_columns(
        pl.lit(BOUGHT).alias("date"),
        *(pl.lit(value).alias(name) for name, value in (("type", "BUY"), ("account", "Depot"), ("currency", "USD"))),
        *(pl.lit(Decimal(value)).alias(name) for name, value in amounts.items()),
    )
    own.add_transactions(portfolio.portfolio_id, rows, source="made up")


def main() -> None:
    """Measure and print."""
    steps: list[StepDone] = []
    with tempfile.TemporaryDirectory() as name:
        sources = {"clock": TODAY, "price_sources": ("demo",), "fx_sources": ("demo",)}
        settings = Settings(home=Path(name), **sources)
        stored(settings)
        held(settings)
        filled = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        outcome = materialize_all(settings, progress=steps.append)
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    title = (
        f"refresh: {'published' if outcome.success else outcome.failures}, {seconds:.1f} s, peak {peak / 1e6:.2f} GB"
    )
    table = Table("step", "seconds", title=f"{title} (filling before it: {filled / 1e6:.2f} GB)")
    for step in sorted(steps, key=lambda step: -step.seconds)[:SHOWN_STEPS]:
        table.add_row(step.step, f"{step.seconds:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
