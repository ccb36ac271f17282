"""Undoing splits: cases in the head, then the law that whatever was traded comes back."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.sources.as_traded import OutOfRangeError, as_traded, exact, restating_factors, traded_volumes
from warehouse.schema.types import PRICE

D = Decimal
MAR = [date(2024, 3, day) for day in range(1, 32)]


def one(value, factor=1.0, **unit):
    return as_traded(np.array([value]), np.array([factor]), **unit)[0]


@pytest.mark.parametrize(
    ("restated", "factor", "traded"),
    [
        pytest.param(19.608213, 28.0, "549.03", id="two splits, 7:1 and 4:1"),
        pytest.param(1.2666670083999634, 15.0, "19", id="rounded to six places before single precision"),
        pytest.param(0.108929, 28.0, "3.05", id="a dividend to six places"),
        pytest.param(448.20001220703125, 1.0, "448.2", id="single precision, never restated"),
        pytest.param(452.3999938964844, 1.0, "452.4", id="single precision, printed to 16 digits"),
        pytest.param(542100.06, 1.0, "542100.06", id="a decimal beyond single precision stays as stated"),
        pytest.param(1.085069, 1.0, "1.085069", id="an exchange rate"),
        pytest.param(5.25, 0.1, "0.525", id="a reverse split 1:10"),
        pytest.param(0.0, 28.0, "0", id="nothing"),
    ],
)
def test_the_shortest_decimal_that_the_float_stands_for(restated, factor, traded):
    assert one(restated, factor) == D(traded)


@pytest.mark.parametrize(("pence", "pounds"), [(464.70001220703125, "4.647"), (250.5, "2.505"), (0.01, "0.0001")])
def test_pence_are_hundredths(pence, pounds):
    assert one(pence, per_unit=100) == exact(pence, per_unit=100) == D(pounds)


def test_missing_values_stay_missing_and_the_type_is_the_schemas():
    traded = as_traded(np.array([np.nan, 1.5]), np.array([2.0, 2.0]))
    assert traded.to_list() == [None, D(3)]
    assert traded.dtype == PRICE


def test_a_value_too_large_for_the_schema_is_refused():
    with pytest.raises(OutOfRangeError, match=r"1e\+12"):
        one(1e12)


def test_factors_are_the_product_of_the_later_splits():
    splits = [(MAR[9], Fraction(3, 2)), (MAR[4], Fraction(2))]
    days = [MAR[3], MAR[4], MAR[8], MAR[9], MAR[0]]
    assert restating_factors(days, splits).tolist() == [3.0, 1.5, 1.5, 1.0, 3.0]


def test_a_dividend_of_the_ex_date_is_due_on_the_units_before_the_split():
    splits = [(MAR[4], Fraction(2))]
    assert restating_factors([MAR[4]], splits).tolist() == [1.0]
    assert restating_factors([MAR[4]], splits, same_day=True).tolist() == [2.0]


def test_without_splits_nothing_was_restated():
    assert restating_factors(MAR, []).tolist() == [1.0] * len(MAR)


def test_volumes_are_in_the_units_of_their_day():
    volumes = traded_volumes(np.array([560_000_000.0, np.nan, 10.0]), np.array([28.0, 28.0, 0.1]))
    assert volumes.to_list() == [20_000_000, None, 100]


RATIOS = st.sampled_from(
    [Fraction(7), Fraction(4), Fraction(3, 2), Fraction(2), Fraction(20), Fraction(1, 10), Fraction(10027455, 10**7)]
)


def restated(traded, splits):
    """Restate as Yahoo does: divide, round to six places, keep single precision."""
    factor = Fraction(1)
    for ratio in splits:
        factor *= ratio
    return float(np.float32(round(float(Fraction(traded) / factor), 6))), float(factor)


@given(cents=st.integers(1, 5_000_000), splits=st.lists(RATIOS, min_size=1, max_size=3))
def test_what_was_traded_in_cents_comes_back(cents, splits):
    value, factor = restated(D(cents) / 100, splits)
    assume(factor < 2000)  # half a millionth times more is half a cent and more
    assert one(value, factor) == D(cents) / 100


@given(cents=st.integers(1, 5_000_000))
def test_what_was_never_restated_comes_back_from_single_and_double_precision(cents):
    assert one(float(np.float32(cents / 100))) == D(cents) / 100
    assert one(cents / 100) == D(cents) / 100


@given(pennies=st.integers(1, 10_000_000))
def test_tenths_of_pence_come_back_in_pounds(pennies):
    assert one(float(np.float32(pennies / 10)), per_unit=100) == D(pennies) / 1000


@given(value=st.floats(1e-4, 1e6), factor=st.sampled_from([1.0, 1.5, 4.0, 28.0, 0.1]))
def test_the_decimal_is_within_single_precision_of_the_float(value, factor):
    traded = float(one(value, factor))
    step = max(float(np.spacing(np.float32(value))) + 0.6e-6, 1e-8)
    assert abs(traded / factor - value) <= step * 1.001
