"""What all tests share: a home of their own, and whether services are required."""

import os

import hypothesis
import pytest

from tests.places import RECORDED, required

# Tests run side by side, each in a process that has a processor to itself: more threads would only wait for each other.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from warehouse.settings import Settings

# A slow machine proves nothing wrong.
hypothesis.settings.register_profile("unhurried", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch, tmp_path_factory):
    for name in list(os.environ):
        if name.startswith("FOLIO_") and name != "FOLIO_REQUIRE_SERVICES":
            monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", lock_timeout_seconds=5, _env_file=None)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("recorded") and not RECORDED.exists() and not required():
            item.add_marker(pytest.mark.skip(reason="the recorded data does not lie beside this repository"))
