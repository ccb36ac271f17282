"""How long a million fetched rows take through everything that judges them: ``python -m tests.benchmarks.gates``.

Belongs here: measuring screens, quarantine and the gate of a table on made-up prices. Does not: writing and publishing
(`publish`), what is judged right or wrong (the unit tests of `pipelines.quality`).
"""

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from pipelines.ingest import record_instruments
from pipelines.quality.admission import Admission
from pipelines.quality.gate import gate_results
from pipelines.quality.screens import Fetched
from pipelines.screening import Desk, screened
from tests.benchmarks.publish import timed
from warehouse.build import open_candidate
from warehouse.ledger import Ledger
from warehouse.look import Look
from warehouse.ops import Ops
from warehouse.schema import market
from warehouse.settings import Settings

SYMBOLS, DAYS = 1_000, 1_000
FALSE_ROWS = 1_000
"""Rows that are told in pence, a day each."""
FIRST = dt.date(2021, 1, 4)
NOW = dt.datetime(2024, 11, 4, 23, tzinfo=dt.UTC)
NOTHING, PROFILES = pl.DataFrame(), market.SYMBOLS.empty()
_HUNDREDTHS = pl.Decimal(20, 2)


def weekdays() -> list[dt.date]:
    """Return the days that have prices."""
    days = (FIRST + dt.timedelta(days=number) for number in range(2 * DAYS))
    return [day for day in days if day.weekday() < 5][:DAYS]


def prices() -> pl.DataFrame:
    """Return a million fetched prices that walk at random, of which some are told 100 times too high."""
    chance = np.random.default_rng(7)
    steps = chance.normal(0.0003, 0.012, size=(SYMBOLS, DAYS))
    closes = 100 * np.exp(np.cumsum(steps, axis=1))
    closes[chance.integers(SYMBOLS, size=FALSE_ROWS), chance.integers(20, DAYS, size=FALSE_ROWS)] *= 100
    names = np.repeat([f"S{number:04}" for number in range(SYMBOLS)], DAYS)
    cents = pl.Series(np.rint(closes.ravel() * 100).astype(np.int64))
    frame = pl.DataFrame({"symbol": names, "date": weekdays() * SYMBOLS, "cents": cents})
    close = (
        (pl.col("cents").cast(pl.Decimal(20, 0)) / 100)
        .cast(_HUNDREDTHS)
        .cast(market.PRICE_HISTORY.polars_schema["close"])
    )
    return frame.select(
        "symbol",
        "date",
        open=close,
        high=close,
        low=close,
        close=close,
        volume=pl.lit(1_000_000, dtype=pl.Int64),
        currency=pl.lit("USD"),
        source=pl.lit("made up"),
    )


def main() -> None:
    """Measure and print."""
    rows = prices()
    fetched = Fetched(prices=rows, dividends=NOTHING, splits=NOTHING, rates=NOTHING)
    steps: dict[str, float] = {}
    judged: list[Admission] = []
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(home=Path(name))
        candidate = open_candidate(settings, "measured")
        desk = Desk(
            candidate=candidate,
            ops=Ops.open(settings.ops_url),
            ledger=Ledger.open(settings.ledger_url),
            now=NOW,
            today=NOW.date(),
        )
        steps["screen and quarantine"] = timed(
            lambda: judged.append(screened(desk, fetched, PROFILES, (market.PRICE_HISTORY,)))
        )
        (admission,) = judged
        steps["write"] = timed(lambda: record_instruments(candidate, admission.believed, PROFILES, now=NOW))
        look = Look(market.PRICE_HISTORY, candidate.connection)
        steps["import Great Expectations, once a process"] = timed(_import)
        steps["gate of the table"] = timed(lambda: gate_results(look, today=NOW.date()))
        candidate.drop()
    title = f"{rows.height:,} rows, {admission.held.height} held back"
    table = Table("step", "seconds", title=title)
    for step, seconds in steps.items():
        table.add_row(step, f"{seconds:.2f}")
    table.add_row("judging: screens, quarantine and gate", f"{_judging(steps):.2f}")
    Console().print(table)


def _judging(steps: dict[str, float]) -> float:
    return steps["screen and quarantine"] + steps["gate of the table"]


def _import() -> None:
    from pipelines.quality import declaration  # noqa: PLC0415 - what is measured

    declaration._great_expectations()


if __name__ == "__main__":
    main()
