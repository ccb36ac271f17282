"""A few rows of market, and the program of a run that stops where it is told."""

import datetime as dt
import os
import signal
import sys
from decimal import Decimal
from pathlib import Path

import polars as pl

from warehouse.build import open_candidate
from warehouse.publish import publish
from warehouse.schema import market
from warehouse.settings import Settings

NOW = dt.datetime(2026, 1, 5, 18, tzinfo=dt.UTC)
DAY = dt.date(2026, 1, 5)


def price_rows(*closes, day=DAY, symbol="ACME", now=NOW):
    rows = [
        {
            "symbol": symbol,
            "date": day + dt.timedelta(days=number),
            "close": Decimal(close),
            "currency": "EUR",
            "source": "test",
            "fetched_at": now,
            "known_from": now,
            "bulk_loaded": False,
        }
        for number, close in enumerate(closes)
    ]
    return market.PRICE_HISTORY.conform(pl.DataFrame(rows, schema_overrides=market.PRICE_HISTORY.polars_schema))


def master_row(price, symbol="ACME", now=NOW):
    row = {
        "symbol": symbol,
        "currency": "EUR",
        "price_unit": "EUR",
        "status": "active",
        "last_price": Decimal(price),
        "last_price_at": now,
        "updated_at": now,
    }
    return market.SYMBOLS.conform(pl.DataFrame([row], schema_overrides=market.SYMBOLS.polars_schema))


def a_run(settings, run_id, *closes, now=NOW):
    candidate = open_candidate(settings, run_id)
    candidate.record_prices(price_rows(*closes, now=now), master_row(closes[-1], now=now), now=now)
    return publish(candidate, settings, now=now)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def main(home, step):
    """Run up to a step and die there, as by kill -9."""
    settings = Settings(home=Path(home), _env_file=None)
    candidate = open_candidate(settings, "doomed")
    if step == "copied":
        die()
    candidate.record_prices(price_rows("1", "2"), master_row("2"), now=NOW)
    if step == "written":
        die()
    if step == "sealed":
        candidate.seal()
        die()
    # Killed between the rename and the swap of the symlink.
    from warehouse import publish as module  # noqa: PLC0415

    module._point = lambda *_: die()
    publish(candidate, settings, now=NOW)


if __name__ == "__main__":
    main(*sys.argv[1:])
