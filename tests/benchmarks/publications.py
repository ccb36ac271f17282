"""What a server keeps after many publications: ``python -m tests.benchmarks.publications``.

Belongs here: a server's memory while one visitor follows what is published. Does not: how long a publication takes
(`publish`), many visitors at once (`sessions`).
"""

import argparse
import asyncio
import datetime as dt
import tempfile
from pathlib import Path

import websockets
from rich.console import Console
from rich.table import Table

from tests.benchmarks.home import NOW, furnish
from tests.benchmarks.market import LAST, Size
from tests.benchmarks.sessions import PAGES, STREAM, Taken, Visitor, server
from tests.browser.servers import served
from warehouse.build import open_candidate
from warehouse.publish import publish
from warehouse.settings import Settings


async def follow(address: str, settings: Settings, count: int, every: int, table: Table) -> None:
    """Publish so many times, turn to each page of the portfolio after each, and note the memory now and then."""
    process = server()
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=None) as connection:  # type: ignore[list-item]
        visitor = Visitor(connection, Taken())
        for number in range(count + 1):
            if number:
                candidate = open_candidate(settings, f"again-{number}")
                publish(candidate, settings, now=NOW + dt.timedelta(minutes=number), as_of=LAST)
            for page in PAGES:
                await visitor.turn_to(page)
            if number % every == 0:
                table.add_row(str(number), f"{process.memory_info().rss / 1e6:.0f}", str(process.num_fds()))


def main() -> None:
    """Serve a generated portfolio, and publish it again and again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--publications", type=int, default=200)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--symbols", type=int, default=50)
    parser.add_argument("--years", type=int, default=5)
    asked = parser.parse_args()
    table = Table("publications", "memory MB", "open files")
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(home=Path(name) / "home")
        furnish(settings, Size(symbols=asked.symbols, transactions=asked.symbols * 20, years=asked.years))
        for address in served(settings.home, FOLIO_CLOCK=LAST.isoformat()):
            stream = address.replace("http", "ws") + STREAM
            asyncio.run(follow(stream, settings, asked.publications, asked.every, table))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
