"""What is behind an instrument, asked for apart by whole runs: once, again after a quarter, a few with each run."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from pipelines import descriptions
from pipelines.defs.run import materialize_all
from pipelines.sources import registry
from pipelines.sources.base import Description, Quote
from pipelines.sources.errors import MalformedAnswerError, UnknownSymbolError
from tests.integration.defs.conftest import Provider
from warehouse.reader import Reader
from warehouse.schema import market, marts

pytestmark = pytest.mark.usefixtures("without_suites")
CLOSED_AT = dt.datetime(2022, 12, 28, 21, tzinfo=dt.UTC)
APPLE = Description(country="United States", sector="Technology", industry="Consumer Electronics")


class Telling(Provider):
    """The small provider, which also knows what is behind AAPL; SPY is a fund."""

    def __init__(self):
        super().__init__()
        self.described, self.behind, self.trouble = [], APPLE, None

    def prices(self, request, *, now):
        answer = super().prices(request, now=now)
        return replace(
            answer,
            profile=replace(answer.profile, asset_class="ETF" if request.symbol == "SPY" else "Equity"),
            quote=Quote(last_price=Decimal(100), last_price_at=CLOSED_AT),
        )

    def describe(self, request):
        self.described.append(request.symbol)
        if self.trouble is not None:
            raise self.trouble
        return self.behind


@pytest.fixture
def telling(monkeypatch, provider):
    found = Telling()
    monkeypatch.setattr(registry, "MAKERS", {**registry.MAKERS, "small": lambda _: found})
    return found


def published(settings, declared):
    reader = Reader(settings)
    try:
        return reader.table(declared)
    finally:
        reader.close()


def behind(settings, symbol="AAPL"):
    return published(settings, market.SYMBOLS).filter(symbol=symbol).row(0, named=True)


def test_a_share_is_described_by_the_first_run_and_again_after_a_quarter_and_a_fund_is_not(
    settings, telling, monkeypatch
):
    assert materialize_all(settings).success
    row = behind(settings)
    assert (row["country"], row["sector"], row["industry"]) == (APPLE.country, APPLE.sector, APPLE.industry)
    assert row["described_at"] >= row["last_price_at"]
    sectors = published(settings, marts.ALLOCATIONS).filter(dimension="sector")["key"].to_list()
    assert "Technology" in sectors
    assert materialize_all(settings).success
    assert telling.described == ["AAPL"]
    monkeypatch.setattr(descriptions, "AGAIN_AFTER", dt.timedelta())
    telling.behind = replace(APPLE, industry=None, sector="Consumer Goods")
    assert materialize_all(settings).success
    assert telling.described == ["AAPL", "AAPL"]
    row = behind(settings)
    assert (row["sector"], row["industry"]) == ("Consumer Goods", "Consumer Electronics")


@pytest.mark.parametrize(
    ("trouble", "asked"),
    [
        pytest.param(UnknownSymbolError("small", "AAPL", "nothing known"), 1, id="nothing is known: not every night"),
        pytest.param(MalformedAnswerError("small", "AAPL", "garbled"), 2, id="garbled: the next night again"),
    ],
)
def test_what_cannot_be_described_has_its_prices_all_the_same(settings, telling, trouble, asked):
    telling.trouble = trouble
    for _ in range(2):
        assert materialize_all(settings).success
    assert len(telling.described) == asked
    row = behind(settings)
    assert (row["sector"], row["last_price"]) == (None, 100)


def test_a_run_describes_no_more_than_a_few(settings, telling, monkeypatch):
    monkeypatch.setattr(descriptions, "A_RUN", 0)
    assert materialize_all(settings).success
    assert telling.described == []
