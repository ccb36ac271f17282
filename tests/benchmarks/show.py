"""How long ``folio show --json`` takes from a cold start: ``python -m tests.benchmarks.show``.

Belongs here: whole processes, beside one that only imports what the answer needs at least. Does not: the engine.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROUNDS = 5
_FOLIO = [sys.executable, "-c", "from pipelines.cli import main; main()"]
WORKS = {
    "import duckdb, polars": [sys.executable, "-c", "import duckdb, polars"],
    "folio show --json": [*_FOLIO, "show", "--portfolio", "Long-term", "--json"],
    "folio show": [*_FOLIO, "show", "--portfolio", "Long-term"],
    "folio sql": [*_FOLIO, "sql", "SELECT count(*) FROM price_history"],
}


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Return how long a process takes from start to end."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Publish the demo once, then measure each command in turn."""
    with tempfile.TemporaryDirectory() as name:
        environment = os.environ | {"FOLIO_HOME": str(Path(name) / "home")}
        seconds([*_FOLIO, "demo", "--no-serve"], environment)
        taken: dict[str, list[float]] = {work: [] for work in WORKS}
        for _ in range(1 + ROUNDS):
            for work, command in WORKS.items():
                taken[work].append(seconds(command, environment))
    medians = {work: statistics.median(times[1:]) for work, times in taken.items()}
    bare = next(iter(medians.values()))
    table = Table("process", "seconds", "of the imports", title=f"median of {ROUNDS}, demo's publication")
    for work, median in medians.items():
        table.add_row(work, f"{median:.2f}", f"{median / bare:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
