"""Columns that keep what they are given: decimals to the digit, times with their zone."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select
from sqlalchemy.exc import StatementError

from warehouse.relational import DecimalText, UtcTimestamp
from warehouse.relational.errors import InexactValueError, NaiveTimestampError

KEPT = Table("kept", MetaData(), Column("number", DecimalText(24, 10)), Column("at", UtcTimestamp))


def kept(**values: object) -> dict[str, object]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        KEPT.create(connection)
        connection.execute(insert(KEPT).values(**values))
        return dict(connection.execute(select(KEPT)).mappings().one())


@given(st.decimals(-(10**14) + 1, 10**14 - 1, places=10, allow_nan=False))
def test_a_decimal_comes_back(number):
    assert kept(number=number)["number"] == number


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.50", "1.5"), ("1E+3", "1000"), ("0E-10", "0"), ("-0", "0"), ("100", "100"), ("-.5", "-0.5")],
)
def test_equal_numbers_have_equal_text(number, text):
    assert DecimalText(24, 10).text_of(Decimal(number)) == text


@pytest.mark.parametrize(
    "value", [1.5, 1, "1.5", Decimal("NaN"), Decimal("Infinity"), Decimal("1e-11"), Decimal(10**14)]
)
def test_what_is_not_exact_is_refused(value):
    with pytest.raises(InexactValueError):
        DecimalText(24, 10).text_of(value)
    with pytest.raises(StatementError) as caught:
        kept(number=value)
    assert isinstance(caught.value.orig, InexactValueError)


def test_a_time_comes_back_in_utc():
    cet = dt.timezone(dt.timedelta(hours=1))
    at = kept(at=dt.datetime(2024, 1, 2, 0, 30, 0, 123456, tzinfo=cet))["at"]
    assert at == dt.datetime(2024, 1, 1, 23, 30, 0, 123456, tzinfo=dt.UTC)
    assert at.tzinfo is dt.UTC


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(StatementError) as caught:
        kept(at=dt.datetime(2024, 1, 2))
    assert isinstance(caught.value.orig, NaiveTimestampError)
