"""Positions that have lost their price to the quarantine, or their symbol's row in the master."""

import datetime as dt

import polars as pl
import pytest

from pipelines.quality.gaps import priced_although_held, priced_without_master
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


@pytest.mark.parametrize("rule", ["no_session", "quote_frozen"])
def test_what_is_said_of_a_day_without_a_session_or_trade_is_no_gap(rule):
    assert priced_although_held(holding("stale", dt.date(2024, 6, 14)), held_back(rule=rule)).passed


@pytest.mark.parametrize(
    ("symbols", "quantity", "passed", "blocks"),
    [
        pytest.param((), 10, True, False, id="all are known"),
        pytest.param(("OTHER",), 10, False, False, id="one that nobody holds"),
        pytest.param(("ACME", "AAA"), 10, False, True, id="one that is held"),
        pytest.param(("ACME",), 0, False, False, id="one that was sold"),
    ],
)
def test_priced_symbols_that_the_master_lacks_block_where_they_are_held(symbols, quantity, passed, blocks):
    lost = pl.DataFrame(
        [(name, 3, FRIDAY) for name in symbols],
        schema={"symbol": pl.String, "days": pl.Int64, "last_day": pl.Date},
        orient="row",
    )
    found, blocking = priced_without_master(lost, holding("close", FRIDAY, quantity))
    assert (found.passed, blocking) == (passed, blocks)
    if blocks:
        assert "symbol ACME, held yes, days 3, last_day 2024-06-28; symbol AAA, held no" in found.message
