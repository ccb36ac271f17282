"""What restating costs is no correction."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.sources.base import PRICES, SPLITS
from pipelines.sources.precision import keep_stored

D = Decimal
DAY = dt.date(2024, 3, 4)
SPLIT = dt.date(2024, 6, 10)


def prices(close, volume=1000, symbol="A", day=DAY):
    row = {"symbol": symbol, "date": day, "close": D(close), "volume": volume, "currency": "USD"}
    return pl.DataFrame([row], schema=PRICES)


def splits(new, old=1, symbol="A"):
    return pl.DataFrame([(symbol, SPLIT, D(new), D(old))], schema=SPLITS, orient="row")


NONE = pl.DataFrame(schema=SPLITS)


@pytest.mark.parametrize(
    ("stored", "fetched", "split", "expected"),
    [
        pytest.param("10.1234", "10.123", splits(1000), "10.1234", id="digits lost to a split"),
        pytest.param("10.12", "10.13", splits(1000), "10.13", id="a cent more is a correction"),
        pytest.param("10.1234", "10.123", NONE, "10.123", id="without a split nothing was lost"),
        pytest.param("10.1234", "10.123", splits(1000, symbol="B"), "10.123", id="another symbol's split"),
        pytest.param("10.12", "10.12", splits(1000), "10.12", id="the same"),
    ],
)
def test_prices(stored, fetched, split, expected):
    assert keep_stored(prices(fetched), prices(stored), split)["close"].to_list() == [D(expected)]


@pytest.mark.parametrize(
    ("stored", "fetched", "split", "expected"),
    [
        pytest.param(3001, 3000, splits(1, 10), 3001, id="units lost to a reverse split"),
        pytest.param(3011, 3000, splits(1, 10), 3000, id="more than can be lost"),
        pytest.param(3001, 3000, NONE, 3000, id="no split"),
        pytest.param(3001, None, splits(1, 10), None, id="now missing"),
    ],
)
def test_volumes(stored, fetched, split, expected):
    assert keep_stored(prices(10, fetched), prices(10, stored), split)["volume"].to_list() == [expected]


def test_after_the_split_nothing_was_lost():
    after = SPLIT + dt.timedelta(days=1)
    kept = keep_stored(prices("10.123", day=after), prices("10.1234", day=after), splits(1000))
    assert kept["close"].to_list() == [D("10.123")]


def test_new_rows_and_other_columns_stay_as_they_are():
    fetched = pl.concat([prices("1.5", symbol="B"), prices("2.5")]).with_columns(source=pl.lit("yahoo"))
    assert keep_stored(fetched, prices("2.5"), splits(2)).equals(fetched)
