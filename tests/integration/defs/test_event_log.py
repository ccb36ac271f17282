"""The event log of runs: Dagster's own files, kept open."""

import threading

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.cli.home import DAGSTER_YAML
from pipelines.defs.event_log import OPEN_FILES, EventLog


@dg.asset
def one():
    return 1


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "dagster.yaml").write_text(DAGSTER_YAML)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def ran(instance):
    return dg.materialize([one], instance=instance).run_id


def test_dagster_finds_what_was_logged_where_it_keeps_it_by_itself(home):
    with dg.DagsterInstance.get() as instance:
        run_id = ran(instance)
        logged = [event.message for event in instance.all_logs(run_id)]
        assert isinstance(instance.event_log_storage, EventLog)
    own = SqliteEventLogStorage(str(home / "history" / "runs"))
    assert [event.message for event in own.get_logs_for_run(run_id)] == logged
    assert own.get_asset_records([dg.AssetKey("one")])[0].asset_entry.last_materialization.run_id == run_id
    assert len(logged) > 5


def test_a_file_that_was_closed_for_others_is_opened_again(home):
    with dg.DagsterInstance.get() as instance:
        log = instance.event_log_storage
        runs = [ran(instance) for _ in range(OPEN_FILES + 1)]
        assert len(log._engines) == OPEN_FILES
        assert runs[0] not in log._engines
        assert len(instance.all_logs(runs[0])) == len(instance.all_logs(runs[-1]))
        instance.delete_run(runs[0])
        assert instance.all_logs(runs[0]) == []


def test_threads_log_at_once(home):
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(ran(instance))
        before = len(instance.all_logs(run.run_id))

        def say():
            for number in range(20):
                instance.report_engine_event(f"number {number}", run)

        threads = [threading.Thread(target=say) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(instance.all_logs(run.run_id)) == before + 80
