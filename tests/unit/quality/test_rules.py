"""Business rules: what is true of every market, and which rows say otherwise."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.quality.report import RuleResult
from pipelines.quality.rules import RULES, hold, rules_of
from warehouse.schema import market

TODAY = dt.date(2022, 12, 28)


def price(close: str, *, low: str | None = None, high: str | None = None, date: dt.date = TODAY, volume: int = 1):
    schema = market.PRICE_HISTORY.polars_schema
    row = {"symbol": "AAPL", "date": date, "open": None, "high": high, "low": low, "close": close, "volume": volume}
    exact = {
        name: Decimal(value) if name in {"low", "high", "close"} and value else value for name, value in row.items()
    }
    return pl.DataFrame([exact], schema={name: schema[name] for name in row})


def rule(name: str, table=market.PRICE_HISTORY):
    return next(one for one in rules_of(table) if one.name == name)


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        pytest.param("positive_close", price("0"), id="a close of zero"),
        pytest.param("positive_close", price("-5"), id="a close below zero"),
        pytest.param("consistent_ohlc", price("10", low="11", high="12"), id="a close below the low"),
        pytest.param("consistent_ohlc", price("13", low="11", high="12"), id="a close above the high"),
        pytest.param("consistent_ohlc", price("11.5", low="12", high="11"), id="a low above the high"),
        pytest.param("no_future_date", price("10", date=dt.date(2022, 12, 29)), id="tomorrow"),
        pytest.param("no_negative_volume", price("10", volume=-1), id="less than no volume"),
    ],
)
def test_a_broken_price_is_named(name, frame):
    result = hold(rule(name), frame, today=TODAY)
    assert not result.passed
    assert result.failed_rows == 1
    assert result.sample[0]["symbol"] == "AAPL"


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(price("10"), id="a close without a range"),
        pytest.param(price("12.001", low="11", high="12"), id="a close above the high by a rounding"),
        pytest.param(price("10", date=dt.date(1999, 1, 4)), id="long ago"),
    ],
)
def test_a_sound_price_holds_to_every_rule(frame):
    assert all(hold(one, frame, today=TODAY).passed for one in rules_of(market.PRICE_HISTORY))


def test_a_split_needs_two_sides_above_zero():
    frame = pl.DataFrame({"symbol": ["A"], "ex_date": [TODAY], "ratio_new": [Decimal(4)], "ratio_old": [Decimal(0)]})
    assert hold(rule("positive_ratio", market.SPLIT_HISTORY), frame, today=TODAY).failed_rows == 1


def test_every_rule_is_about_columns_that_its_table_has():
    assert all(set(one.columns) <= set(one.table.names) for one in RULES)


def test_the_message_names_the_first_rows_and_counts_the_rest():
    rows = tuple({"symbol": name} for name in "ABCDE")
    message = RuleResult(table="t", rule="r", failed_rows=5, sample=rows).message
    assert message == "t r: 5 rows: symbol A; symbol B; symbol C; and 2 more"


@pytest.mark.parametrize(
    ("name", "column", "value"), [("known_status", "status", "weird"), ("currency_code", "currency", "usd")]
)
def test_what_the_master_says_of_a_symbol_is_of_a_kind(name, column, value):
    sound = pl.DataFrame({"symbol": ["A"], "status": ["active"], "currency": ["USD"], "last_price": [None]})
    assert all(hold(one, sound, today=TODAY).passed for one in rules_of(market.SYMBOLS))
    assert (
        hold(rule(name, market.SYMBOLS), sound.with_columns(pl.lit(value).alias(column)), today=TODAY).failed_rows == 1
    )
