"""The replay server, and Yahoo's client in front of it, for every test of a real client."""

import pytest

from pipelines.sources.yahoo import YahooSource
from tests.replay import ReplayServer


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory):
    """Return one folder for the process: the client knows only one."""
    return tmp_path_factory.mktemp("yahoo")


@pytest.fixture
def replay():
    with ReplayServer() as server:
        yield server


@pytest.fixture
def yahoo(replay, cache_dir):
    return YahooSource(base_url=replay.url, cache_dir=cache_dir, timeout=5)
