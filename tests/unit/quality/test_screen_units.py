"""Which side of a step by a hundred is right where nothing is stored: every evidence has a vote, and a tie holds all."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, fetch, known, price, symbol

LONG, SHORT = 30, 10
OLD, NEW = [1.01] * LONG, [101] * SHORT


def held(values, *, quote=None, master=None, currency="USD"):
    """Return how many of the first and of the last rows of a first fetch are held."""
    rows = closes(*values, currency=currency)
    quotes = [] if quote is None else [price(close=quote, currency=currency)]
    noon = dt.datetime.combine(DAY, dt.time(12), dt.UTC)
    stated = symbol(currency=currency) | ({} if master is None else {"last_price": master, "last_price_at": noon})
    found = screen(fetch(prices=rows, quotes=quotes), known(symbols=[stated]), today=DAY).filter("held")
    assert set(found["rule"]) <= {"hundredfold"}
    dates = set(found["date"])
    first, last = rows[: len(values) - SHORT], rows[len(values) - SHORT :]
    return [sum(row["date"] in dates for row in some) for some in (first, last)]


@pytest.mark.parametrize(
    ("evidence", "wrong"),
    [
        pytest.param({}, [0, SHORT], id="most of the rows"),
        pytest.param({"quote": 1.02}, [0, SHORT], id="most of the rows and the current price"),
        pytest.param({"quote": 102}, [0, SHORT], id="a current price in the unit of the last rows is told with them"),
        pytest.param({"quote": 5}, [0, SHORT], id="a current price of neither level says nothing"),
        pytest.param({"master": 102}, [LONG, SHORT], id="most of the rows against what the master has"),
        pytest.param({"currency": "GBP"}, [LONG, SHORT], id="pounds may have become pence for good"),
        pytest.param({"currency": "GBP", "quote": 102}, [LONG, SHORT], id="and the current price with them"),
        pytest.param({"currency": "GBP", "quote": 1.02}, [0, SHORT], id="a current price in pounds"),
        pytest.param({"currency": "GBP", "master": 102}, [LONG, 0], id="the master has it in pence"),
    ],
)
def test_a_first_fetch_that_ends_in_another_unit(evidence, wrong):
    assert held([*OLD, *NEW], **evidence) == wrong


@pytest.mark.parametrize(
    ("evidence", "wrong"),
    [
        pytest.param({}, [SHORT, SHORT], id="nothing says which"),
        pytest.param({"quote": 102}, [SHORT, SHORT], id="nor does a current price as the last of them"),
        pytest.param({"quote": 1.02}, [0, SHORT], id="a current price as the first of them does"),
        pytest.param({"master": 102}, [SHORT, 0], id="and what the master has"),
    ],
)
def test_of_two_halves_other_evidence_says_which_is_right(evidence, wrong):
    assert held([*OLD[:SHORT], *NEW], **evidence) == wrong


def test_in_pence_too_a_few_days_after_years_are_wrong():
    assert held([*OLD, *OLD, *OLD, *NEW], currency="GBP") == [0, SHORT]


def test_a_series_that_comes_back_to_its_unit_was_right_at_both_ends():
    assert held([*[101] * 12, *[1.01] * 20, *[101] * SHORT]) == [20, 0]


def test_one_stored_close_decides():
    rows = closes(*OLD, *NEW)
    own = known(prices=[rows[-1] | {"source": "inbox"}])
    found = screen(fetch(prices=rows), own, today=DAY).filter("held", rule="hundredfold")
    assert found["date"].to_list() == [row["date"] for row in rows[:LONG]]


def test_what_cannot_be_decided_says_so_and_what_to_do():
    rows = closes(*OLD[:SHORT], *NEW)
    found = screen(fetch(prices=rows), known(), today=DAY).filter("held")
    day = rows[SHORT]["date"]
    assert found["expected"].null_count() == 2 * SHORT
    assert found["reason"][0] == (
        f"close 1.01: the series has a step by 100 on {day}, as between pence and pounds, or of a split by 100 that"
        " nobody tells, and nothing says which side is right: put one price of yours into the inbox, or release a side"
    )


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_of_first_fetches_what_is_wrong_is_held_and_nothing_else(seed):
    """Fifty series of 120 days, each with a stretch at 100 times or a hundredth: anywhere, at the end most often."""
    draw, rows, wrong = np.random.default_rng(seed), [], set()
    for number in range(50):
        values = 50 * np.exp(np.cumsum(draw.normal(0, 0.01, 120)))
        length = int(draw.integers(1, 40))
        start = 120 - length if number % 3 else int(draw.integers(0, 120 - length))
        values[start : start + length] *= 100.0 if number % 2 else 0.01
        series = closes(*values.round(6).tolist(), symbol=f"S{number}")
        rows += series
        wrong |= {(row["symbol"], row["date"]) for row in series[start : start + length]}
    found = screen(fetch(prices=rows), known(), today=DAY).filter("held")
    assert set(found.select("about", "date").rows()) == wrong
