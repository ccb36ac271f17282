"""Which years are missing: never one that is there, and never a hole behind."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.pieces import (
    BATCHES,
    Stored,
    answered_years,
    batch_of,
    by_batch,
    missing_years,
    request_for,
    stored_of,
)

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


def test_a_year_of_which_a_row_is_held_back_is_not_there_whatever_was_answered():
    there = stored("2010-01-04", "2012-12-31")
    assert missing_years([2010, 2011], there, [2010, 2011], today=TODAY, doubted=[2011]) == [2011]
    assert missing_years([2010], there, [], today=TODAY, doubted=[2011]) == []


YEARS = st.sets(st.integers(2000, 2022), max_size=5)


@given(first=YEARS, then=YEARS)
def test_what_was_asked_for_is_whole_and_leaves_no_hole(first, then):
    known = set(missing_years(first, None, (), today=TODAY))
    known |= set(missing_years(then, None, known, today=TODAY))
    assert first | then <= known
    assert not known or known == set(range(min(known), max(known) + 1))
    assert missing_years(first | then, None, known, today=TODAY) == []


WEEKDAYS = [one for one in pl.date_range(dt.date(2018, 6, 1), TODAY, eager=True) if one.weekday() < 5]


def holes(*missing, first="2019-06-03", exchange="XNYS"):
    """Return the years of which a series until today has holes, if every weekday since mid 2018 was a session."""
    begin = dt.date.fromisoformat(first)
    days = [one for one in WEEKDAYS if one >= begin and one not in missing]
    counts = pl.DataFrame({"symbol": "A", "year": [one.year for one in days]}, schema={"symbol": str, "year": pl.Int32})
    found = stored_of(
        pl.DataFrame({"symbol": ["A"], "first_stored": [begin], "last_stored": [TODAY]}),
        counts.group_by("symbol", "year").agg(days=pl.len()),
        pl.DataFrame({"exchange": "XNYS", "date": WEEKDAYS}),
        pl.DataFrame({"symbol": ["A", "B"], "exchange": [exchange, "XNYS"]}),
    )
    assert list(found) == ["A"]
    assert (found["A"].first, found["A"].last) == (begin, TODAY)
    return found["A"].holes


def sessions_of(first, last):
    return pl.date_range(dt.date.fromisoformat(first), dt.date.fromisoformat(last), eager=True).to_list()


def test_a_year_that_lacks_more_than_a_week_has_a_hole():
    assert holes() == set()
    assert holes(*sessions_of("2021-03-01", "2021-03-05")) == set()
    assert holes(*sessions_of("2021-03-01", "2021-03-08")) == {2021}
    assert holes(*sessions_of("2020-12-29", "2022-01-09")) == {2021}
    assert holes(*sessions_of("2020-12-01", "2022-01-31")) == {2020, 2021, 2022}


def test_a_hole_is_seen_only_where_a_calendar_says_what_is_missing():
    assert holes(*sessions_of("2021-03-01", "2021-06-08"), exchange="XKOS") == set()
    assert holes(first="2017-01-02") == set()


def test_a_year_with_a_hole_is_asked_for_once():
    there = Stored(first=dt.date(2019, 1, 2), last=TODAY, holes=frozenset({2020, 2021}))
    assert missing_years([2021], there, (), today=TODAY) == [2021]
    assert missing_years([2021, 2022], there, [2021], today=TODAY) == []


def weekdays(first: str, last: str) -> list[dt.date]:
    return [one for one in sessions_of(first, last) if one.weekday() < 5]


Y20, Y21 = weekdays("2020-01-02", "2020-12-31"), weekdays("2021-01-04", "2021-12-31")


@pytest.mark.parametrize(
    ("years", "priced", "first_traded", "answered", "incomplete"),
    [
        pytest.param([2020, 2021], [*Y20, *Y21], None, [2020, 2021], {}, id="prices came of both"),
        pytest.param([2020, 2021], Y21, None, [2021], {2020: None}, id="of one: nobody says that the other is empty"),
        pytest.param([2020, 2021], Y21[20:], "2021-02-01", [2020, 2021], {}, id="it was traded only later"),
        pytest.param([2020, 2021], Y21, "2020-02-01", [2021], {2020: None}, id="it was traded then"),
        pytest.param([2020], [], "2020-12-24", [2020], {}, id="a year's last days need not have a price"),
        pytest.param([2020], [], None, [], {2020: None}, id="nothing came"),
        pytest.param([2020], Y20[200:], None, [], {2020: ("2020-01-01", "2020-10-08")}, id="its head is missing"),
        pytest.param([2020], Y20[:200], None, [], {2020: ("2020-10-07", "2020-12-31")}, id="its end is missing"),
        pytest.param(
            [2020],
            [*Y20[:50], *Y20[60:]],
            None,
            [],
            {2020: ("2020-03-11", "2020-03-26")},
            id="two weeks are missing within",
        ),
        pytest.param([2020], [*Y20[:50], *Y20[55:]], None, [2020], {}, id="a week is missing within"),
        pytest.param([2021], [*Y20[-1:], *Y21[20:]], "2021-02-01", [], {2021: ("2021-01-01", "2021-02-01")}, id="priced before its first day of trade: that is another listing's"),
        pytest.param([2020], Y20[11::21], None, [2020], {}, id="a fund, priced once a month"),
        pytest.param([2020], Y20[200::21], None, [], {2020: ("2020-01-01", "2020-10-08")}, id="such a fund, cut off"),
    ],
)  # fmt: skip
def test_a_year_is_answered_by_prices_or_by_the_first_day_of_trade(years, priced, first_traded, answered, incomplete):
    first = dt.date.fromisoformat(first_traded) if first_traded else None
    gaps = {
        year: gap and tuple(dt.date.fromisoformat(one) if isinstance(one, str) else one for one in gap)
        for year, gap in incomplete.items()
    }
    assert answered_years(years, priced, first, until=TODAY) == (answered, gaps)


def test_days_on_which_the_exchange_was_closed_are_no_gap():
    priced = [one for one in Y20 if not dt.date(2020, 1, 23) < one < dt.date(2020, 2, 4)]
    assert answered_years([2020], priced, None, until=TODAY)[0] == []
    assert answered_years([2020], priced, None, sessions=[dt.date(2019, 12, 30), *priced, TODAY], until=TODAY)[0] == [
        2020
    ]
    assert answered_years([2020], priced, None, sessions=[dt.date(2019, 12, 30), *Y20, TODAY], until=TODAY)[0] == []
    assert answered_years([2020], priced, None, sessions=priced[100:], until=TODAY)[0] == []


def test_what_every_night_asks_for_need_have_no_price_after_its_last():
    delisted = Y20[99]
    assert answered_years([2020, 2021], Y20[:100], None, until=delisted) == ([2020, 2021], {})
    assert answered_years([2020, 2021], Y20[50:100], None, until=delisted)[0] == [2021]


def test_a_year_that_has_just_begun_is_neither():
    assert answered_years([2022], (), None, until=dt.date(2022, 1, 5)) == ([], {})


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
