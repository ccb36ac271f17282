"""A run is a transaction: what readers see before, during and after one, however it ends."""

import datetime as dt
import hashlib
import json
import re
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import duckdb
import psutil
import pytest
from market import DAY, NOW, a_run, master_row, price_rows

from warehouse.build import attach_candidate, open_candidate
from warehouse.errors import (
    BrokenPublicationError,
    CandidateClosedError,
    ChangedPublicationError,
    NoPublicationError,
    OtherVersionError,
    WarehouseBusyError,
)
from warehouse.publish import publish
from warehouse.published import latest, publications
from warehouse.reader import Reader
from warehouse.schema import market, ops
from warehouse.seals import seal_of

PROGRAM = Path(__file__).with_name("market.py")
ROOT = Path(__file__).parents[3]


def closes(reader, **options):
    return [f"{close.normalize():f}" for close in reader.table(market.PRICE_HISTORY, **options)["close"]]


def test_what_is_published_is_read(settings):
    publication = a_run(settings, "one", "10", "11")
    reader = Reader(settings)
    assert closes(reader) == ["10", "11"]
    assert reader.publication() == publication
    assert reader.table(market.SYMBOLS)["last_price"].to_list() == [Decimal(11)]
    assert not list(settings.build_dir.glob("*"))


def test_a_column_that_is_newer_than_a_publication_is_unknown_there_and_known_to_the_next_run(settings):
    candidate = open_candidate(settings, "one")
    candidate.record_prices(price_rows("10", "11"), master_row("11"), now=NOW)
    candidate.sql_write("ALTER TABLE symbols DROP COLUMN described_at")
    candidate.sql_write("DELETE FROM schema_migrations WHERE name = '0011_described_at.sql'")
    publish(candidate, settings, now=NOW)
    assert Reader(settings).table(market.SYMBOLS)["described_at"].to_list() == [None]
    following = open_candidate(settings, "two")
    assert following.read(market.SYMBOLS)["described_at"].to_list() == [None]
    following.drop()


def test_before_the_first_publication_the_error_says_what_to_do(settings):
    with pytest.raises(NoPublicationError, match="folio refresh"):
        Reader(settings).table(market.SYMBOLS)


def test_a_publication_is_kept_open_for_as_long_as_it_is_said_to_be(settings):
    with Reader(settings).kept_open(), pytest.raises(NoPublicationError):
        Reader(settings).publication()
    first = a_run(settings, "one", "10", "11")
    with Reader(settings).kept_open():
        assert open_by_this_process(first.path)
        a_run(settings, "two", "10", "12")
        assert closes(Reader(settings)) == ["10", "12"]
    assert not open_by_this_process(first.path)


def open_by_this_process(path):
    return any(Path(file.path) == path.resolve() for file in psutil.Process().open_files())


def test_the_same_prices_twice_change_no_row(settings):
    a_run(settings, "one", "10", "11")
    later = NOW + dt.timedelta(days=1)
    candidate = open_candidate(settings, "two")
    before = candidate.read(market.PRICE_HISTORY)
    change = candidate.record_prices(price_rows("10", "11", now=later), master_row("11", now=NOW), now=later)
    assert (change.inserted, change.revised, change.unchanged) == (0, 0, 2)
    assert candidate.read(market.PRICE_HISTORY).equals(before)
    candidate.drop()


def test_a_corrected_price_leaves_what_was_known(settings):
    a_run(settings, "one", "10", "11")
    later = NOW + dt.timedelta(days=1)
    candidate = open_candidate(settings, "two")
    change = candidate.record_prices(price_rows("10", "12", now=later), master_row("12", now=later), now=later)
    assert (change.inserted, change.revised, change.unchanged) == (0, 1, 1)
    kept = candidate.read(market.REVISIONS[0])
    assert kept["close"].to_list() == [Decimal(11)]
    assert kept["known_from"].to_list() == [NOW]
    assert kept["known_until"].to_list() == [later]
    assert candidate.read(market.PRICE_HISTORY)["known_from"].to_list() == [NOW, later]
    candidate.drop()


def test_prices_and_master_are_written_together_or_not_at_all(settings):
    candidate = open_candidate(settings, "one")
    with pytest.raises(duckdb.Error):
        candidate._in_transaction(
            lambda: (
                candidate._record(market.PRICE_HISTORY, price_rows("10"), NOW),
                candidate.sql_write("SELECT nothing"),
            )
        )
    assert candidate.read(market.PRICE_HISTORY).is_empty()
    candidate.drop()


def test_a_dropped_candidate_leaves_nothing(settings):
    a_run(settings, "one", "10")
    candidate = open_candidate(settings, "two")
    candidate.record_prices(price_rows("99"), master_row("99"), now=NOW)
    candidate.drop()
    assert closes(Reader(settings)) == ["10"]
    assert not list(settings.build_dir.glob("*"))
    assert attach_candidate(settings, "two") is None
    with pytest.raises(CandidateClosedError):
        candidate.read(market.SYMBOLS)


def test_what_a_run_writes_waits_on_disk_once_its_memory_is_full_and_leaves_nothing_there(settings):
    candidate = open_candidate(settings.model_copy(update={"build_memory_mb": 128}), "one")
    assert candidate.sql("SELECT current_setting('memory_limit') AS most").item() == "128.0 MiB"
    candidate.sql_write("CREATE TEMP TABLE tall AS SELECT hash(i)::VARCHAR AS said FROM range(8_000_000) AS made (i)")
    assert [path.name for path in settings.build_dir.glob("*.tmp/*")] != []
    candidate.drop()
    assert not list(settings.build_dir.glob("*"))


def test_two_runs_at_once_take_turns(settings):
    first = open_candidate(settings, "one")
    busy = settings.model_copy(update={"lock_timeout_seconds": 0.1})
    with pytest.raises(WarehouseBusyError):
        open_candidate(busy, "two")
    done = threading.Timer(0.3, lambda: publish(first, settings, now=NOW))
    done.start()
    second = open_candidate(settings, "two")  # waits for the first
    done.join()
    second.drop()


def test_two_processes_at_once_take_turns(settings):
    holder = open_candidate(settings, "one")
    other = subprocess.run(
        [sys.executable, "-c", _TRY, str(settings.home)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "WarehouseBusyError" in other.stderr
    holder.drop()
    assert subprocess.run([sys.executable, "-c", _TRY, str(settings.home)], cwd=ROOT, check=False).returncode == 0


_TRY = (
    "import sys; from pathlib import Path\n"
    "from warehouse.build import open_candidate; from warehouse.settings import Settings\n"
    "open_candidate(Settings(home=Path(sys.argv[1]), lock_timeout_seconds=0.2, _env_file=None), 'other').drop()\n"
)


@pytest.mark.parametrize("step", ["copied", "written", "sealed", "renamed"])
def test_a_run_killed_at_any_step_changes_nothing_that_is_read(settings, step):
    before = a_run(settings, "one", "10")
    killed = subprocess.run(
        [sys.executable, str(PROGRAM), str(settings.home), step], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False
    )
    assert killed.returncode == -9
    reader = Reader(settings)
    assert reader.publication() == before
    assert closes(reader) == ["10"]
    after = a_run(settings, "next", "10", "20", now=NOW + dt.timedelta(hours=1))
    assert reader.publication() == after
    assert closes(reader) == ["10", "20"]
    assert not list(settings.build_dir.glob("*"))


def test_a_reader_sees_each_of_ten_publications_in_one_process(settings):
    reader = Reader(settings)
    for number in range(1, 11):
        a_run(settings, f"run{number}", str(number), now=NOW + dt.timedelta(minutes=number))
        assert closes(reader) == [str(number)]
    assert len(publications(settings)) == settings.keep_publications
    assert len(reader._handles) == 1
    reader.close()


def test_an_old_publication_can_be_asked_for(settings):
    old = a_run(settings, "one", "10")
    a_run(settings, "two", "11", now=NOW + dt.timedelta(minutes=1))
    reader = Reader(settings)
    assert closes(reader, publication_id=old.id) == ["10"]
    with pytest.raises(NoPublicationError, match="gone"):
        reader.table(market.SYMBOLS, publication_id="gone")


def test_a_stranger_who_opens_a_publication_read_write_harms_no_later_one(settings):
    published = a_run(settings, "one", "10")
    assert published.path.stat().st_mode & 0o777 == 0o444
    # Root is not stopped by the mode: leave an open transaction's log behind, as a killed stranger would.
    program = (
        "import duckdb, os, signal, sys\n"
        'c = duckdb.connect(sys.argv[1]); c.execute("PRAGMA disable_checkpoint_on_shutdown")\n'
        'c.execute("DELETE FROM price_history"); os.kill(os.getpid(), signal.SIGKILL)\n'
    )
    subprocess.run([sys.executable, "-c", program, str(published.path)], check=False, capture_output=True)
    a_run(settings, "two", "10", "11", now=NOW + dt.timedelta(minutes=1))
    assert len(closes(Reader(settings))) == 2


def change(path):
    """Change a published file for good, as root can."""
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM price_history")
    path.chmod(0o444)


def test_a_publication_that_was_changed_is_built_on_by_nobody_and_the_cure_works(settings):
    a_run(settings, "one", "10")
    second = a_run(settings, "two", "10", "11", now=NOW + dt.timedelta(minutes=1))
    change(second.path)
    with pytest.raises(ChangedPublicationError, match=f"{second.id}.*was changed") as refused:
        a_run(settings, "three", "10", "11", "12", now=NOW + dt.timedelta(minutes=2))
    assert list(settings.build_dir.iterdir()) == []
    cure = re.search("`(ln -sfn [^`]+)`", str(refused.value)).group(1)
    subprocess.run(cure, shell=True, check=True)  # noqa: S602 - as a person would
    assert closes(Reader(settings)) == ["10"]
    a_run(settings, "three", "10", "11", "12", now=NOW + dt.timedelta(minutes=2))
    assert closes(Reader(settings)) == ["10", "11", "12"]


def test_without_an_earlier_one_the_cure_is_to_begin_anew(settings):
    change(a_run(settings, "one", "10").path)
    with pytest.raises(ChangedPublicationError) as refused:
        open_candidate(settings, "two")
    cure = re.search("`(rm [^`]+)`", str(refused.value)).group(1)
    subprocess.run(cure, shell=True, check=True)  # noqa: S602 - as a person would
    a_run(settings, "two", "20", now=NOW + dt.timedelta(minutes=1))
    assert closes(Reader(settings)) == ["20"]


def test_a_publication_from_before_there_were_seals_is_built_on(settings):
    old = a_run(settings, "one", "10")
    seal_of(old.path).unlink()
    a_run(settings, "two", "10", "11", now=NOW + dt.timedelta(minutes=1))
    assert len(closes(Reader(settings))) == 2


def test_a_seal_says_what_any_tool_finds_and_goes_with_its_file(settings):
    for number in range(settings.keep_publications + 2):
        last = a_run(settings, f"run{number}", str(number), now=NOW + dt.timedelta(minutes=number))
    said = json.loads(seal_of(last.path).read_text())
    assert said == {
        "bytes": last.path.stat().st_size,
        "sha256": hashlib.sha256(last.path.read_bytes()).hexdigest(),
    }
    assert seal_of(last.path).stat().st_mode & 0o777 == 0o444
    kept = {publication.id for publication in publications(settings)}
    assert {path.stem for path in settings.published_dir.glob("*.json")} == kept


def test_threads_read_at_once_without_mixing_answers(settings):
    a_run(settings, "one", *[str(number) for number in range(1, 50)])
    reader = Reader(settings)
    wrong = []

    def ask(day):
        for _ in range(20):
            found = reader.table(market.PRICE_HISTORY, where={"date": [day]})["date"].to_list()
            if found != [day]:
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(DAY + dt.timedelta(days=number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_latest_is_none_before_the_first(settings):
    assert latest(settings) is None


def test_a_file_of_which_a_part_is_damaged_is_said_to_be_broken(settings):
    path = a_run(settings, "one", *map(str, range(1, 3000))).path.resolve()
    whole, block = path.read_bytes(), 262_144
    path.chmod(0o644)
    said = []
    for place in range(12_288, len(whole), block):
        path.write_bytes(whole[:place] + b"ZZZZ" + whole[place + 4 :])
        try:
            said.append(Reader(settings).query("SELECT max(close) FROM price_history").item())
        except BrokenPublicationError as error:
            said.append(str(error))
    answers = {answer for answer in said if not isinstance(answer, str)}
    assert answers <= {Decimal(2999)}
    assert [text for text in said if isinstance(text, str) and "folio refresh" in text]


def test_a_publication_of_another_version_says_what_to_do(settings):
    path = a_run(settings, "one", "10").path.resolve()
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE quarantine")
    with pytest.raises(OtherVersionError, match="folio refresh"):
        Reader(settings).table(ops.QUARANTINE)
