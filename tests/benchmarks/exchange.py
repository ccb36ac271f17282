"""A made-up exchange that answers as Yahoo does, in a process of its own.

Belongs here: charts of any number of symbols, the same each time. Does not: measuring, anything that claims to be real.
"""

import argparse
import datetime as dt
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.sessions import sessions
from tests.replay import ReplayServer

NEW_YORK = ZoneInfo("America/New_York")
LAST = dt.date(2024, 12, 31)


def names(count: int) -> list[str]:
    """Return the symbols."""
    return [f"S{number:05}" for number in range(count)]


@cache
def _opens(years: int) -> tuple[int, ...]:
    first = LAST.replace(year=LAST.year - years) + dt.timedelta(days=1)
    rows, _ = sessions(["XNYS"], first_day=first, today=LAST - dt.timedelta(days=30))
    opened = rows.filter(rows["date"].is_between(first, LAST))["opens_at"]
    return tuple(int(moment.timestamp()) for moment in opened)


def chart(symbol: str, *, years: int) -> dict[str, Any] | None:
    """Return the chart of a symbol: as many years up to the last one, prices that go their own way."""
    if not symbol.startswith("S") or not symbol[1:].isdigit():
        return None
    number, opens = int(symbol[1:]), _opens(years)
    closes = [round(50 + number % 97 + (number * 31 + place * 17) % 400 / 100, 2) for place in range(len(opens))]
    bars = {
        "open": closes,
        "high": [round(close + 0.5, 2) for close in closes],
        "low": [round(close - 0.5, 2) for close in closes],
        "close": closes,
        "volume": [1_000 + number] * len(closes),
    }
    hours = {"start": opens[-1], "end": opens[-1] + 23_400}
    return {
        "meta": {
            "currency": "USD",
            "symbol": symbol,
            "exchangeName": "NYQ",
            "instrumentType": "EQUITY",
            "exchangeTimezoneName": str(NEW_YORK),
            "regularMarketTime": hours["end"],
            "regularMarketPrice": closes[-1],
            "longName": f"Company {number}",
            "currentTradingPeriod": {"regular": hours},
            "validRanges": ["1d", "max"],
        },
        "timestamp": list(opens),
        "indicators": {"quote": [bars]},
    }


def _serve(years: int, address: Any) -> None:
    with ReplayServer(catalogues=[lambda symbol: chart(symbol, years=years)]) as server:
        address.send(server.url)
        address.recv()


@contextmanager
def exchange(years: int) -> Iterator[str]:
    """Yield the address of an exchange with so many years of prices."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(years, theirs), daemon=True)
    process.start()
    try:
        yield mine.recv()
    finally:
        mine.send("enough")
        process.join(timeout=10)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.exchange", description=__doc__)
    parser.add_argument("--years", type=int, default=1)
    with exchange(parser.parse_args().years) as url:
        print(url, flush=True)  # noqa: T201
        multiprocessing.Event().wait()


if __name__ == "__main__":
    main()
