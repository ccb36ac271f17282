"""Rows that contradict themselves are found, those that merely look odd are not."""

import datetime as dt

import polars as pl
import pytest

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens import Fetched, Known, screen
from tests.unit.quality.fetches import DAY, dividend, fetch, known, price, rate, split

TODAY = DAY


def findings(**frames):
    return screen(fetch(**frames), known(), today=TODAY)


@pytest.mark.parametrize(
    ("frames", "rule", "column"),
    [
        pytest.param({"prices": [price(close=0)]}, "not_positive", "close", id="a close of zero"),
        pytest.param({"prices": [price(close=5, open=-1)]}, "not_positive", "open", id="an open below zero"),
        pytest.param({"dividends": [dividend(amount=0)]}, "not_positive", "amount", id="a dividend of nothing"),
        pytest.param({"splits": [split(2, 0)]}, "not_positive", "ratio_old", id="a split for nothing"),
        pytest.param({"rates": [rate(-1)]}, "not_positive", "per_eur", id="a rate below zero"),
        pytest.param({"prices": [price(close=5, volume=-1)]}, "negative_volume", "volume", id="less than no volume"),
        pytest.param({"prices": [price(close=5, date=DAY + dt.timedelta(1))]}, "future_date", "date", id="tomorrow"),
        pytest.param({"rates": [rate(5, date=DAY + dt.timedelta(1))]}, "future_date", "date", id="tomorrow's rate"),
        pytest.param({"prices": [price(close=5), price(close=6)]}, "told_twice", "close", id="two closes of a day"),
        pytest.param(
            {"prices": [price(open=10, high=11, low=10, close=14)]}, "outside_of_range", "close", id="above the high"
        ),
        pytest.param(
            {"prices": [price(open=10, high=8, low=11, close=10)]}, "outside_of_range", "close", id="low above high"
        ),
    ],
)
def test_a_row_that_no_market_has_is_held(frames, rule, column):
    held = findings(**frames).filter("held")
    assert held.select("rule", "column").rows() == [(rule, column)]
    assert held["reason"].null_count() == 0


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param({"prices": [price(close=5)]}, id="a close alone"),
        pytest.param({"prices": [price(close=5, open=5, high=5, low=5, volume=0)]}, id="a day without a trade"),
        pytest.param({"prices": [price(open=10, high=11, low=10, close=11.01)]}, id="above the high by a rounding"),
        pytest.param({"dividends": [dividend(amount=1, ex_date=DAY + dt.timedelta(9))]}, id="a dividend to come"),
        pytest.param({"prices": [price(close=5), price(close=5, source="other")]}, id="two providers, one close"),
    ],
)
def test_a_sound_row_is_none(frames):
    assert findings(**frames).is_empty()


def test_a_bar_that_misses_its_range_by_little_is_a_remark():
    remark = findings(prices=[price(open=10, high=11, low=10, close=11.11)]).row(0, named=True)
    assert not remark["held"]
    assert remark["reason"] == "1% of the price outside of low and high: open 10, high 11, low 10, close 11.11"


def test_one_day_told_twice_alike_is_a_remark():
    remark = findings(prices=[price(close=5), price(close=5)]).row(0, named=True)
    assert (remark["rule"], remark["held"], remark["reason"]) == ("told_twice", False, "2 rows of one day, close 5")


def test_nothing_fetched_is_nothing_found():
    nothing = pl.DataFrame()
    of_nothing = screen(
        Fetched(prices=nothing, dividends=nothing, splits=nothing, rates=nothing),
        Known(prices=nothing, dividends=nothing, splits=nothing, rates=nothing, symbols=nothing, sessions=nothing),
        today=TODAY,
    )
    assert of_nothing.is_empty()
    assert of_nothing.schema == FINDINGS
