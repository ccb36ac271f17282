"""A market of one instrument that the replay server tells as Yahoo does."""

from decimal import Decimal

import pytest

from pipelines.sources.yahoo import YahooSource
from tests.integration.market.nights import DAYS, NIGHT, Market, Yahoo
from tests.replay import ReplayServer
from warehouse.build import attach_candidate


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("yahoo")


@pytest.fixture
def said():
    return Yahoo()


@pytest.fixture
def unseen(said, settings, cache_dir):
    """Return the market before its first night."""
    settings.home.mkdir(parents=True)
    with ReplayServer(catalogues=[said]) as server:
        yield Market(settings, said, YahooSource(base_url=server.url, cache_dir=cache_dir, timeout=5))
        attach_candidate(settings, "market").drop()


@pytest.fixture
def acme(unseen, said):
    """Return the market after its first night: a month of ACME is stored as it was traded."""
    unseen.night(said.last)
    assert unseen.closes() == {day: Decimal(str(said.traded[day])) for day in DAYS[: NIGHT + 1]}
    return unseen
