"""Which years are missing: never one that is there, and never a hole behind."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.pieces import BATCHES, Stored, batch_of, by_batch, missing_years, request_for

TODAY = dt.date(2022, 12, 28)


def stored(first: str, last: str) -> Stored:
    return Stored(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("wanted", "there", "known", "missing"),
    [
        pytest.param([2010, 2011], None, [], [2010, 2011], id="nothing is there"),
        pytest.param([2010, 2011], stored("2010-01-04", "2011-12-30"), [], [], id="all is there"),
        pytest.param([2022], stored("2022-01-03", "2022-12-27"), [], [], id="this year is whole up to today"),
        pytest.param([2022], stored("2022-01-03", "2022-11-30"), [], [2022], id="and is not where it lags"),
        pytest.param([2015], stored("2015-06-01", "2022-12-27"), [], [2015], id="a year that is there in part"),
        pytest.param([2018], stored("2015-06-01", "2022-12-27"), [], [], id="what was not asked for is let be"),
        pytest.param(
            [2010], stored("2012-06-01", "2022-12-27"), [], [2010, 2011, 2012], id="before: up to what is there"
        ),
        pytest.param(
            [2015], stored("2009-01-02", "2012-12-31"), [], [2013, 2014, 2015], id="after: from what is there"
        ),
        pytest.param([2010, 2011], None, [2010], [2011], id="what was answered with nothing is not asked again"),
        pytest.param([2022, 2023], None, [], [2022], id="nothing is asked of years to come"),
    ],
)
def test_missing_years(wanted, there, known, missing):
    assert missing_years(wanted, there, known, today=TODAY) == missing


YEARS = st.sets(st.integers(2000, 2022), max_size=5)


@given(first=YEARS, then=YEARS)
def test_what_was_asked_for_is_whole_and_leaves_no_hole(first, then):
    known = set(missing_years(first, None, (), today=TODAY))
    known |= set(missing_years(then, None, known, today=TODAY))
    assert first | then <= known
    assert not known or known == set(range(min(known), max(known) + 1))
    assert missing_years(first | then, None, known, today=TODAY) == []


def test_one_question_brings_all_years():
    request = request_for("A", "A.L", [2010, 2022], today=TODAY)
    assert (request.ticker, request.start, request.end) == ("A.L", dt.date(2010, 1, 1), TODAY)


def test_a_symbol_stays_in_its_batch():
    symbols = [f"S{number}" for number in range(2_000)]
    batches = by_batch(symbols)
    assert list(batches) == list(BATCHES)
    assert max(map(len, batches.values())) < 2 * min(map(len, batches.values()))
    assert all(batch_of(symbol) == batch for batch, members in batches.items() for symbol in members)
    assert batch_of("AAPL") == "12"
