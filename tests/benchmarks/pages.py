"""How long a run of each page's script takes: ``python -m tests.benchmarks.pages``.

Belongs here: script runs of a generated portfolio, from the mart, in processor time and with what the test's own reading
of the page costs. Does not: browsers (`first_paint`), many visitors at once (`sessions`).
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table
from streamlit.testing.v1 import AppTest

from tests.benchmarks.home import asked_size, furnish
from tests.benchmarks.market import LAST
from tests.pages import APP, PAGES
from warehouse.settings import Settings

ROUNDS = 9


def milliseconds(page: str) -> tuple[float, float]:
    """Return the first run's and the median's processor time of a page's script."""
    app = AppTest.from_file(str(APP), default_timeout=300).run()
    app.switch_page(f"app_pages/{page}.py")
    taken = []
    for _ in range(1 + ROUNDS):
        started = time.process_time()
        app.run()
        taken.append((time.process_time() - started) * 1000)
        if app.exception:
            raise AssertionError(app.exception[0].message)
    return taken[0], statistics.median(taken[1:])


def main() -> None:
    """Publish a generated portfolio, then run each page on it."""
    size = asked_size()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        furnish(Settings(home=home), size)
        os.environ |= {"FOLIO_HOME": str(home), "FOLIO_CLOCK": LAST.isoformat()}
        table = Table("page", "first ms", "again ms", title=f"{size.symbols} symbols, processor time of a script run")
        main_module = sys.modules["__main__"]  # a page that is run takes its place
        for page in PAGES:
            first, again = milliseconds(page)
            table.add_row(page, f"{first:.0f}", f"{again:.0f}")
        sys.modules["__main__"] = main_module
    Console().print(table)


if __name__ == "__main__":
    main()
