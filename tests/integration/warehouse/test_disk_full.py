"""A disk that is full while a run writes or publishes: the last publication stays, and the next run is whole."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from warehouse.published import latest, publications
from warehouse.seals import is_as_sealed
from warehouse.settings import Settings

ROOT = Path(__file__).parents[3]
HERE = str(Path(__file__).parent)
# A first run of few prices; then one of so many that the file does not fit, which ends as a run of the graph does.
PROGRAM = """
import datetime as dt, sys
from market import NOW, a_run, master_row, price_rows
from warehouse.build import open_candidate
from warehouse.publish import publish
from warehouse.settings import Settings
import duckdb, pathlib
home, number = sys.argv[1:]
settings = Settings(home=pathlib.Path(home), _env_file=None)
candidate = open_candidate(settings, "run")
try:
    candidate.record_prices(price_rows(*map(str, range(1, 1 + int(number)))), master_row("1"), now=NOW)
    candidate.sql_write("CREATE TABLE ballast AS SELECT random() AS x FROM range(?)", [1000 * int(number)])
    candidate.sql_write("DROP TABLE ballast") if int(number) < 100 else None
    publish(candidate, settings, now=NOW + dt.timedelta(seconds=int(number)))
except (duckdb.Error, OSError) as error:
    candidate.drop()
    sys.exit(f"{type(error).__name__}: {error}")
"""


def run(home: Path, number: int, **options) -> subprocess.CompletedProcess[str]:
    """Write and publish so many prices, and the more bytes the more prices."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(home), str(number)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{HERE}"},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def assert_good(home: Path, rows: int) -> None:
    settings = Settings(home=home, _env_file=None)
    file = latest(settings).path
    assert is_as_sealed(file, file)
    with duckdb.connect(str(file), read_only=True) as db:
        assert db.execute("SELECT count(*) FROM price_history").fetchone() == (rows,)
    assert [*settings.build_dir.glob("*")] == []
    assert {one.path.name for one in publications(settings)} == {
        file.name for file in settings.published_dir.glob("*.duckdb")
    }


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a disk of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this user may not mount a disk; the limit of a file's size is tested instead")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_costs_the_run_and_nothing_else(small_disk):
    home = small_disk / "home"
    assert run(home, 3).returncode == 0
    full = run(home, 3_000)
    assert full.returncode == 1
    assert "No space left" in full.stderr
    assert_good(home, 3)
    assert run(home, 5).returncode == 0
    assert_good(home, 5)


def limited() -> None:
    """Let no file of this process grow beyond 8 MB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000_000, 8_000_000))


def test_a_file_that_may_not_grow_costs_the_run_and_nothing_else(tmp_path):
    home = tmp_path / "home"
    assert run(home, 3, preexec_fn=limited).returncode == 0
    assert run(home, 3_000, preexec_fn=limited).returncode == 1
    assert_good(home, 3)
    assert run(home, 5, preexec_fn=limited).returncode == 0
    assert_good(home, 5)
