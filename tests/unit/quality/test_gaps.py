"""Positions that have lost their price to the quarantine."""

import datetime as dt

import polars as pl
import pytest

from pipelines.quality.gaps import priced_although_held
from tests.held import held_back

FRIDAY = dt.date(2024, 6, 28)


def holding(status, price_date, quantity=10):
    return pl.DataFrame(
        {"symbol": ["ACME"], "quantity": [quantity], "price_status": [status], "price_date": [price_date]},
        schema_overrides={"price_date": pl.Date},
    )


@pytest.mark.parametrize(
    ("held", "about", "gap"),
    [
        pytest.param(holding("stale", dt.date(2024, 6, 14)), "ACME", True, id="stale, and what came later is held"),
        pytest.param(holding("missing", None), "ACME", True, id="no price at all but held ones"),
        pytest.param(holding("close", dt.date(2024, 6, 27)), "ACME", False, id="one session behind"),
        pytest.param(holding("stale", dt.date(2024, 6, 14)), "OTHER", False, id="stale, with nothing held"),
        pytest.param(holding("stale", FRIDAY), "ACME", False, id="what is held is older"),
        pytest.param(holding("stale", dt.date(2024, 6, 14), quantity=0), "ACME", False, id="sold"),
    ],
)
def test_a_gap(held, about, gap):
    found = priced_although_held(held, held_back(about=about))
    assert found.passed is not gap
    if gap:
        assert "symbol ACME" in found.message
        assert "held_back 1, reason a close of 1 after 100" in found.message


def test_a_dividend_held_back_is_no_gap():
    assert priced_although_held(holding("missing", None), held_back(table_name="dividend_history")).passed


def test_what_is_said_of_a_day_without_a_session_is_no_gap():
    assert priced_although_held(holding("stale", dt.date(2024, 6, 14)), held_back(rule="no_session")).passed
