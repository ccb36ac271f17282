"""What many visitors cost: ``python -m tests.benchmarks.sessions --sessions 150 --seconds 60``.

Belongs here: visitors who speak the server's own protocol, turn to a page, think, and turn to another, while each
follows what is new as its browser would. Does not: what a browser does with the answers.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from rich.console import Console
from rich.table import Table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.benchmarks.home import furnish
from tests.benchmarks.market import LAST, Size
from tests.browser.servers import served
from tests.pages import path_of
from warehouse.settings import Settings

THINKING = 20.0
PAGES = ("overview", "holdings", "performance", "risk", "allocation", "income", "transactions", "tax")
"""Those of the portfolio, which an analyst turns between."""
STREAM = "/_stcore/stream"


@dataclass
class Taken:
    """Seconds of page runs and of looks for news, over all visitors."""

    pages: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)


class Visitor:
    """One session: a connection, and the fragments that its browser would run by itself."""

    def __init__(self, connection: websockets.ClientConnection, taken: Taken) -> None:
        self._connection, self._taken = connection, taken
        self._fragments: dict[str, float] = {}
        self._page = ""

    async def turn_to(self, page: str) -> None:
        """Ask for a page and wait until it is there."""
        self._fragments = {}
        message = BackMsg()
        message.rerun_script.page_name = path_of(page)
        self._taken.pages.append(await self._asked(message))

    async def look(self) -> None:
        """Run what looks for news, as its browser does."""
        for fragment in list(self._fragments):
            if fragment not in self._fragments:
                continue
            message = BackMsg()
            message.rerun_script.fragment_id = fragment
            message.rerun_script.is_auto_rerun = True
            message.rerun_script.page_script_hash = self._page
            self._taken.looks.append(await self._asked(message))

    @property
    def interval(self) -> float:
        """Return the seconds until its browser would look again."""
        return min(self._fragments.values(), default=1.0)

    async def _asked(self, message: BackMsg) -> float:
        started = time.perf_counter()
        await self._connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self._connection.recv())  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self._page = answer.new_session.page_script_hash
            if kind == "auto_rerun":
                self._fragments[answer.auto_rerun.fragment_id] = answer.auto_rerun.interval
            if kind == "script_finished":
                if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return time.perf_counter() - started
                self._fragments = {}  # the whole page follows, and says anew what it looks for


async def visit(address: str, number: int, until: float, taken: Taken) -> None:
    """Turn pages and follow what is new until a moment."""
    chance = random.Random(number)  # noqa: S311 - when somebody turns a page is no secret
    await asyncio.sleep(chance.uniform(0, THINKING))
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=None) as connection:  # type: ignore[list-item]
        visitor = Visitor(connection, taken)
        while time.monotonic() < until:
            await visitor.turn_to(chance.choice(PAGES))
            turns = time.monotonic() + chance.expovariate(1 / THINKING)
            while time.monotonic() < min(turns, until):
                await asyncio.sleep(visitor.interval)
                await visitor.look()


async def warm(address: str) -> None:
    """Turn to every page once: what a server does for its first visitor alone is not what many cost."""
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=None) as connection:  # type: ignore[list-item]
        visitor = Visitor(connection, Taken())
        for page in PAGES:
            await visitor.turn_to(page)


async def visits(address: str, sessions: int, seconds: float) -> Taken:
    """Let so many visitors come for so long."""
    taken, until = Taken(), time.monotonic() + THINKING + seconds
    await asyncio.gather(*(visit(address, number, until, taken) for number in range(sessions)))
    return taken


def server() -> psutil.Process:
    """Return the process that serves the pages."""
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if "streamlit" in " ".join(child.cmdline()))


def main() -> None:
    """Serve a generated portfolio and send it visitors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, nargs="+", default=[150, 300])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--symbols", type=int, default=500)
    asked = parser.parse_args()
    table = Table("sessions", "pages", "p50 s", "p95 s", "looks", "look p95 s", "CPU %", "memory MB")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        furnish(Settings(home=home), Size(symbols=asked.symbols, transactions=asked.symbols * 20, years=10))
        for sessions in asked.sessions:
            for address in served(home, FOLIO_CLOCK=LAST.isoformat()):
                process, stream = server(), address.replace("http", "ws") + STREAM
                asyncio.run(warm(stream))
                before, started = process.cpu_times(), time.monotonic()
                taken = asyncio.run(visits(stream, sessions, asked.seconds))
                used = sum(process.cpu_times()[:2]) - sum(before[:2])
                table.add_row(
                    str(sessions),
                    str(len(taken.pages)),
                    *(f"{cut:.2f}" for cut in _cuts(taken.pages)),
                    str(len(taken.looks)),
                    f"{_cuts(taken.looks)[1]:.2f}",
                    f"{100 * used / (time.monotonic() - started):.0f}",
                    f"{process.memory_info().rss / 1e6:.0f}",
                )
    Console(width=max(100, os.get_terminal_size().columns if os.isatty(1) else 100)).print(table)


def _cuts(seconds: list[float]) -> tuple[float, float]:
    """Return the median and the 95th of a hundred."""
    parts = statistics.quantiles(seconds, n=100)
    return parts[49], parts[94]


if __name__ == "__main__":
    main()
