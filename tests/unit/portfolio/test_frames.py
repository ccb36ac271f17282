"""Frames are taken in any exact type, and refused with row and column where a figure would be another."""

import polars as pl
import pytest
from statements import D, day, fx, prices, transactions, view

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.errors import FrameError, InvalidTransactionError
from pipelines.portfolio.frames import LedgerFrames, MarketFrames

ROWS = transactions("2020-01-01 BUY ACME 2 @ 10")
CLOSES = prices("ACME 2020-01-01 10")


def value(rows=ROWS, closes=CLOSES, **market):
    frames = LedgerFrames(transactions=rows), MarketFrames(prices=closes, **market)
    return complete_view(*frames, as_of=day("2020-01-02"), base_currency="EUR").holdings[0].value_base


@pytest.mark.parametrize("dtype", [pl.Decimal(38, 18), pl.Decimal(18, 4), pl.Int64, pl.UInt8])
def test_a_number_is_what_it_says_in_any_exact_type(dtype):
    assert value(ROWS.with_columns(pl.col("quantity", "price").cast(dtype))) == 20
    assert value(closes=CLOSES.with_columns(pl.col("close").cast(dtype))) == 20


def test_columns_that_may_be_empty_may_be_left_out():
    needed = ["transaction_id", "date", "type", "account", "symbol", "quantity", "price", "currency"]
    assert value(ROWS.select(needed)) == 20
    assert value(ROWS.with_columns(fee=pl.lit(None), unknown=pl.lit("x"))) == 20


@pytest.mark.parametrize(
    ("column", "given", "message"),
    [
        ("quantity", pl.lit(1.1), "transactions: column quantity: found Float64; expected exact numbers"),
        ("quantity", pl.lit(D("1.00000000005")), "row 1, column quantity: .*; expected at most 10 decimals"),
        ("price", pl.lit("ten"), "column price: found String"),
        ("account", pl.lit(None), "row 1, column account: found None; expected a value"),
    ],
)
def test_what_is_not_exact_is_refused(column, given, message):
    with pytest.raises(FrameError, match=message):
        value(ROWS.with_columns(given.alias(column)))


@pytest.mark.parametrize(
    ("closes", "message"),
    [
        (CLOSES.with_columns(close=pl.lit(10.0)), "prices: column close: found Float64"),
        (CLOSES.with_columns(close=pl.lit(None)), "prices: row 1, column close: found None"),
        (CLOSES.drop("date"), "prices: column date: found nothing"),
        (prices("ACME 2020-01-01 92233720369"), "prices: column close: found 92233720369"),
    ],
)
def test_prices_that_are_none_are_refused(closes, message):
    with pytest.raises(FrameError, match=message):
        value(closes=closes)


def test_a_rate_of_zero_is_none():
    with pytest.raises(FrameError, match="fx: column rate: found 0"):
        value(closes=prices("ACME 2020-01-01 10", "USD"), fx=fx("USD/EUR 2020-01-01 0"))


@pytest.mark.parametrize("column", ["quantity", "price", "fee", "tax", "amount", "fx_rate"])
def test_no_number_of_a_row_is_negative(column):
    with pytest.raises(InvalidTransactionError, match=f"t1: {column} is .*; expected not less than zero"):
        value(ROWS.with_columns(pl.lit(D(-1)).alias(column)))


@pytest.mark.parametrize(
    ("line", "column", "value", "expected"),
    [
        ("SPINOFF ACME to_symbol=BOLT ratio_new=1 ratio_old=1 cost_fraction=1.5", "cost_fraction", "1.5", "at most 1"),
        ("TRANSFER ACME 1 to_account=A", "to_account", "A", "another account"),
        ("FX_CONVERSION 10 to_amount=9 to_currency=EUR", "to_currency", "EUR", "another currency"),
    ],
)
def test_what_ends_where_it_began_is_refused(line, column, value, expected):
    with pytest.raises(InvalidTransactionError, match=f"t2: {column} is .*{value}.*; expected .*{expected}"):
        view(f"2020-01-01 BUY ACME 10 @ 10\n2020-01-02 {line}", as_of="2020-01-03")


def test_no_row_is_there_twice():
    with pytest.raises(InvalidTransactionError, match="an id of its own"):
        value(pl.concat([ROWS, ROWS]))
