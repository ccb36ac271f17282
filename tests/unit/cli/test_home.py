"""The folder of a deployment, and what its children inherit."""

import datetime as dt

import pytest
import yaml
from dagster import DagsterInstance

from pipelines.cli.home import environment, prepare
from pipelines.cli.serve import choose_ports, free_port
from warehouse.settings import Settings


@pytest.fixture(autouse=True)
def _environment_as_it_was(monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "")  # restored after the test, whatever `prepare` exports


def test_children_work_on_the_same_deployment_wherever_they_start(settings, monkeypatch):
    stated = settings.model_copy(update={"clock": dt.date(2022, 12, 28), "fx_sources": ("inbox", "ecb")})
    for name, value in environment(stated).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == stated


def test_what_is_no_longer_set_does_not_come_through(settings, monkeypatch):
    monkeypatch.setenv("FOLIO_CLOCK", "2022-12-28")
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None).clock is None


def test_a_home_is_made_once_and_its_own_dagster_settings_stay(settings, monkeypatch):
    monkeypatch.setattr("os.environ", {})
    prepare(settings)
    config = settings.dagster_dir / "dagster.yaml"
    assert yaml.safe_load(config.read_text())["telemetry"] == {"enabled": False}
    config.write_text("telemetry:\n  enabled: false\n")
    prepare(settings)
    assert config.read_text() == "telemetry:\n  enabled: false\n"


def test_dagster_takes_the_settings_it_is_given(settings, monkeypatch):
    monkeypatch.setattr("os.environ", {"DAGSTER_HOME": str(settings.dagster_dir)})
    prepare(settings)
    with DagsterInstance.from_config(str(settings.dagster_dir)) as instance:
        assert not instance.telemetry_enabled
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 2


def test_a_port_that_is_taken_is_passed_over_and_said(settings, capsys):
    import socket  # noqa: PLC0415

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        wanted = settings.model_copy(update={"dashboard_port": number, "dagster_port": number + 1})
        ports = choose_ports(wanted)
        assert ports.dashboard != number
        assert ports.dagster != ports.dashboard
        assert f"port {number} is taken" in " ".join(capsys.readouterr().err.split())
    assert free_port(number) == number
