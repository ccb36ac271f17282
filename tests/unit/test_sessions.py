"""Sessions: only what is missing is asked of the calendars."""

import datetime as dt

import exchange_calendars
import polars as pl
import pytest

from pipelines.sessions import missing_exchanges, sessions
from warehouse.schema.market import TRADING_SESSIONS

FIRST = dt.date(2022, 12, 19)
TODAY = dt.date(2022, 12, 28)


def stored(first: dt.date, last: dt.date) -> pl.DataFrame:
    return TRADING_SESSIONS.conform(pl.DataFrame({"exchange": ["XNYS"] * 2, "date": [first, last]}))


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        pytest.param(TRADING_SESSIONS.empty(), ["XNYS"], id="nothing is stored"),
        pytest.param(stored(FIRST, dt.date(2023, 1, 27)), [], id="covered to the next month"),
        pytest.param(stored(FIRST, TODAY), ["XNYS"], id="the next days are not known"),
        pytest.param(stored(dt.date(2022, 12, 30), dt.date(2023, 1, 27)), ["XNYS"], id="an earlier price came in"),
    ],
)
def test_which_exchanges_are_asked_for(held, missing):
    assert missing_exchanges({"XNYS"}, held, first_day=FIRST, today=TODAY) == missing


def test_new_york_rests_on_the_monday_after_a_sunday_christmas():
    rows, unknown = sessions(["XNYS"], first_day=FIRST, today=TODAY)
    days = rows.filter(pl.col("date") <= TODAY)["date"].to_list()
    assert dt.date(2022, 12, 26) not in days
    assert days[-1] == TODAY
    assert rows.filter(pl.col("date") == TODAY)["closes_at"].item() == dt.datetime(2022, 12, 28, 21, tzinfo=dt.UTC)
    assert unknown == []


def test_before_the_first_day_that_a_calendar_knows_there_are_no_sessions():
    rows, unknown = sessions(["XTKS"], first_day=dt.date(1985, 1, 4), today=dt.date(1998, 1, 30))
    assert rows["date"].min().year == 1997
    assert unknown == []


@pytest.mark.parametrize("exchange", ["XSHG", "XBOM", "XSES"])
@pytest.mark.parametrize("after", [-5, 8], ids=["before", "after"])
def test_around_the_last_day_that_a_calendar_knows_the_sessions_until_it_are_there(exchange, after):
    last = exchange_calendars.get_calendar(exchange).last_session.date()
    today = last + dt.timedelta(days=after)
    rows, unknown = sessions([exchange], first_day=last - dt.timedelta(days=300), today=today)
    assert unknown == []
    assert rows["date"].max() == last
    assert rows.height > 150


def test_after_the_last_day_that_a_calendar_knows_nothing_is_asked_of_it():
    last = exchange_calendars.get_calendar("XSHG").last_session.date()
    _, unknown = sessions(["XSHG"], first_day=last + dt.timedelta(days=9), today=last + dt.timedelta(days=40))
    assert unknown == ["XSHG"]


def test_an_exchange_without_a_calendar_is_named():
    rows, unknown = sessions(["NOWHERE"], first_day=FIRST, today=TODAY)
    assert rows.is_empty()
    assert unknown == ["NOWHERE"]
