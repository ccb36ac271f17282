"""How long 12.5 million prices take to publish, beside a bare copy: ``python -m tests.benchmarks.publish``.

Belongs here: measuring copy, merge and publication on made-up prices. Does not: the engine (`complete_view`).
"""

import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from warehouse.build import Candidate, attach_candidate, open_candidate
from warehouse.publish import publish
from warehouse.schema import market
from warehouse.settings import Settings

SYMBOLS, DAYS = 5_000, 2_500
NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
_FILL = f"""
INSERT INTO price_history
SELECT 'S' || s, DATE '2016-01-01' + d::INTEGER, NULL, NULL, NULL,
       (100 + (s * 7 + d * 13) % 10000 / 100.0)::DECIMAL(20, 8), 1000, 'USD', 'made up', TIMESTAMPTZ '2026-01-01', TIMESTAMPTZ '2026-01-01', true
FROM range({SYMBOLS}) a(s), range({DAYS}) b(d)
"""


def fill(candidate: Candidate) -> None:
    """Write the made-up prices."""
    candidate.sql_write(_FILL)


def a_day() -> pl.DataFrame:
    """Return one more session of every symbol."""
    rows = {"symbol": [f"S{number}" for number in range(SYMBOLS)], "date": dt.date(2026, 1, 5), "currency": "USD"}
    frame = pl.DataFrame(rows).with_columns(
        close=pl.lit("101.5").cast(market.PRICE_HISTORY.polars_schema["close"]),
        source=pl.lit("made up"),
        fetched_at=pl.lit(NOW),
        known_from=pl.lit(NOW),
        bulk_loaded=pl.lit(value=False),
    )
    return market.PRICE_HISTORY.conform(frame)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(home=Path(name))
        candidate = open_candidate(settings, "fill")
        filled = timed(lambda: fill(candidate))
        first = timed(lambda: publish(candidate, settings, now=NOW))
        file = settings.warehouse_link.resolve()
        copied = timed(lambda: shutil.copyfile(file, Path(name) / "copy"))
        opened = timed(lambda: open_candidate(settings, "next"))
        following = attach_candidate(settings, "next")
        if following is None:
            message = "the candidate was not opened"
            raise RuntimeError(message)
        rows = a_day()
        merged = timed(lambda: following.record_history(market.PRICE_HISTORY, rows, now=NOW))
        second = timed(lambda: publish(following, settings, now=NOW + dt.timedelta(seconds=1)))
        megabytes = file.stat().st_size / 1e6
    table = Table("step", "seconds", "of a bare copy", title=f"{SYMBOLS * DAYS:,} prices, {megabytes:.0f} MB")
    steps = {
        "bare copy": copied,
        "fill": filled,
        "first publication": first,
        "open a candidate": opened,
        f"record {SYMBOLS:,} closes": merged,
        "publish": second,
        "open to published": opened + merged + second,
    }
    for step, seconds in steps.items():
        table.add_row(step, f"{seconds:.3f}", f"{seconds / copied:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
