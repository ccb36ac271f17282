"""The made-up market is whole and repeatable, or what is measured on it would mean nothing."""

import pytest

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import PRICE_SCHEMA
from tests.benchmarks.market import LAST, Size, ledger, market

SMALL = Size(symbols=20, transactions=400, years=2)


@pytest.fixture(scope="module")
def made():
    return market(SMALL)


@pytest.fixture(scope="module")
def stated():
    return ledger(SMALL)


def test_the_size_is_as_asked(made, stated):
    assert made.prices.height == 20 * 2 * 252
    assert dict(made.prices.schema) == PRICE_SCHEMA
    assert made.prices.select("symbol", "date").is_unique().all()
    assert made.prices["date"].max() == LAST
    assert stated.transactions.height == 400


def test_the_same_seed_gives_the_same(made, stated):
    assert market(SMALL).prices.equals(made.prices)
    assert ledger(SMALL).transactions.equals(stated.transactions)
    assert not market(SMALL, seed=8).prices.equals(made.prices)


def test_the_story_is_possible(made, stated):
    view = complete_view(stated, made, as_of=LAST, base_currency="EUR")
    assert view.warnings == []
    assert view.completeness.is_complete
    assert view.summary.cash > 0
    assert made.splits.height == 2
