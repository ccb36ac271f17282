"""The demo's data is what was traded and declared, and its ledger fits it."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.demo import DATA, DEMO_CLOCK


def day(text):
    return dt.date.fromisoformat(text)


@pytest.fixture(scope="module")
def prices():
    return pl.read_parquet(DATA / "prices.parquet")


def close(prices, symbol, on):
    return prices.filter((pl.col("symbol") == symbol) & (pl.col("date") == day(on)))["close"].item()


@pytest.mark.parametrize(
    ("symbol", "on", "traded"),
    [
        ("AAPL", "2013-01-02", "549.03"),
        ("AAPL", "2014-06-06", "645.57"),
        ("AAPL", "2014-06-09", "93.70"),
        ("AAPL", "2020-08-28", "499.23"),
        ("GOOG", "2013-01-02", "723.25"),
        ("AMZN", "2022-06-03", "2447.00"),
        ("NVDA", "2021-07-19", "751.19"),
        ("^GSPC", "2022-12-28", "3783.22"),
    ],
)
def test_prices_are_as_traded(prices, symbol, on, traded):
    assert close(prices, symbol, on) == Decimal(traded)


def test_the_years_are_complete(prices):
    spans = prices.group_by("symbol").agg(
        pl.len(), pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    assert set(spans.select("len", "first", "last").rows()) == {(2516, day("2013-01-02"), DEMO_CLOCK)}


@pytest.mark.parametrize(
    ("symbol", "on", "declared"),
    [
        ("AAPL", "2013-02-07", "2.65"),
        ("AAPL", "2014-05-08", "3.29"),
        ("AAPL", "2014-08-07", "0.47"),
        ("AAPL", "2020-08-07", "0.82"),
        ("AAPL", "2020-11-06", "0.205"),
        ("NVDA", "2013-02-26", "0.075"),
        ("NVDA", "2015-05-19", "0.0975"),
        ("NVDA", "2021-08-31", "0.04"),
    ],
)
def test_dividends_are_as_declared(symbol, on, declared):
    rows = pl.read_parquet(DATA / "dividends.parquet").filter(
        (pl.col("symbol") == symbol) & (pl.col("ex_date") == day(on))
    )
    assert rows["amount"].to_list() == [Decimal(declared)]


def test_only_the_payers_pay():
    assert set(pl.read_parquet(DATA / "dividends.parquet")["symbol"]) == {"AAPL", "NVDA"}


def test_a_holding_is_worth_the_same_before_and_after_each_split(prices):
    for symbol, ex_date, new, old in pl.read_parquet(DATA / "splits.parquet").rows():
        own = prices.filter(pl.col("symbol") == symbol).sort("date")
        before = own.filter(pl.col("date") < ex_date)["close"][-1]
        after = own.filter(pl.col("date") >= ex_date)["close"][0]
        assert abs(float(after * new / old / before) - 1) < 0.1, (symbol, ex_date)


@pytest.mark.parametrize("name", ["long_term", "us_growth"])
def test_every_trade_is_at_a_real_close(prices, name):
    trades = pl.read_csv(DATA / f"{name}.csv", infer_schema=False).filter(pl.col("price").is_not_null())
    assert trades.height > 5
    for row in trades.iter_rows(named=True):
        assert Decimal(row["price"]) == close(prices, row["symbol"], row["date"]), row


def test_the_ledgers_show_every_common_type():
    kinds = pl.concat([pl.read_csv(DATA / f"{name}.csv", infer_schema=False) for name in ("long_term", "us_growth")])[
        "type"
    ]
    assert set(kinds) >= {
        *("BUY", "SELL", "DIVIDEND", "DEPOSIT", "WITHDRAWAL", "INTEREST", "INTEREST_CHARGE", "FEE", "FEE_REFUND"),
        *("TAX", "TAX_REFUND", "FX_CONVERSION", "TRANSFER", "DELIVERY_IN", "DELIVERY_OUT"),
    }


def test_the_data_stays_small():
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1_000_000


def test_the_rates_of_trades_are_the_central_banks_of_the_day():
    dollars = pl.read_parquet(DATA / "fx.parquet").filter(pl.col("currency") == "USD").sort("date")
    rated = pl.read_csv(DATA / "long_term.csv", infer_schema=False).filter(pl.col("fx_rate").is_not_null())
    assert rated.height > 20
    for row in rated.iter_rows(named=True):
        per_eur = dollars.filter(pl.col("date") <= day(row["date"]))["per_eur"][-1]
        assert abs(Decimal(row["fx_rate"]) * per_eur - 1) < Decimal("1e-6"), row


def test_no_session_is_missing(prices):
    index = set(prices.filter(pl.col("symbol") == "^GSPC")["date"])
    assert len(index) == 2516
    assert all(set(own["date"]) == index for _, own in prices.group_by("symbol"))


def test_highs_and_lows_enclose_the_session(prices):
    stocks = prices.filter(pl.col("symbol") != "^GSPC")
    low, high = pl.min_horizontal("open", "close"), pl.max_horizontal("open", "close")
    assert stocks.filter((pl.col("low") > low) | (pl.col("high") < high)).is_empty()
    assert stocks["volume"].min() > 0
