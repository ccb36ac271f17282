"""Products of whole columns are those of single numbers, to the last digit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.portfolio.exact import ONE_MONEY, ONE_UNIT, Ratio, worth_in
from pipelines.portfolio.products import Factors, Ratios, products

units = st.one_of(st.integers(-(10**6), 10**6).map(lambda whole: whole * ONE_UNIT), st.integers(-(10**18), 10**18))
closes = st.one_of(st.integers(1, 10**6).map(lambda cents: cents * 10**6), st.integers(1, 10**15))
rates = st.builds(Ratio, st.integers(1, 10**12), st.integers(1, 10**12))


def computed(rows):
    columns = list(zip(*rows, strict=True))
    at = np.arange(len(rows))
    found = products(Factors(columns[0], np.array(columns[1], dtype=np.int64), Ratios.of(columns[2]), at, at, at))
    return [found.large.get(index, value) for index, value in enumerate(found.value.tolist())], found.known.tolist()


@settings(max_examples=150)
@given(st.lists(st.tuples(units, closes, rates), min_size=1, max_size=20))
def test_a_column_says_what_each_number_says(rows):
    assert computed(rows)[0] == [worth_in(unit, Ratio(close, 1), rate) for unit, close, rate in rows]


@pytest.mark.parametrize(
    ("unit", "close", "rate", "value"),
    [
        (1, 5 * 10**9, Ratio(1, 1), 0),  # 0.5 goes to the even 0
        (3, 5 * 10**9, Ratio(1, 1), 2),  # 1.5 to the even 2
        (-1, 5 * 10**9, Ratio(1, 1), 0),
        (ONE_UNIT, 1, Ratio(1, 2), 0),
        (10**9 * ONE_UNIT, 10**9 * ONE_MONEY, Ratio(1, 1), 10**18 * ONE_MONEY),  # beyond 64 bits
        (0, 1, Ratio(1, 3), 0),
    ],
)
def test_halves_and_large_products(unit, close, rate, value):
    assert computed([(unit, close, rate)]) == ([value], [True])


def test_what_is_missing_is_not_known():
    one, zero = np.array([1]), np.array([0])
    without_price = products(Factors([ONE_UNIT], one, Ratios.of([Ratio(1, 1)]), zero, np.array([-1]), zero))
    without_rate = products(Factors([ONE_UNIT], one, Ratios.of([None]), zero, zero, zero))
    assert (without_price.known.tolist(), without_rate.known.tolist()) == ([False], [False])
