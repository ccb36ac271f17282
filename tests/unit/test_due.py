"""When the market is to be asked: at exact moments around half days, holidays and changes of the clock."""

import datetime as dt

import polars as pl
import pytest

from pipelines import due
from pipelines.sessions import sessions

EARLY, HOLIDAY = dt.date(2026, 11, 27), dt.date(2026, 11, 26)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-{text}:00Z")


@pytest.fixture(scope="module")
def year():
    """Return the sessions of New York, London and Tokyo from February to December 2026."""
    rows, unknown = sessions(["XNYS", "XLON", "XTKS"], first_day=dt.date(2026, 2, 2), today=dt.date(2026, 12, 1))
    assert unknown == []
    return rows


@pytest.fixture(scope="module")
def new_york(year):
    return year.filter(pl.col("exchange") == "XNYS")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param("11-25T14:29", False, id="a minute before the open of a winter's day"),
        pytest.param("11-25T14:30", True, id="at the open"),
        pytest.param("11-25T21:14", True, id="once more after the close"),
        pytest.param("11-25T21:15", False, id="not a second time"),
        pytest.param("11-26T16:00", False, id="Thanksgiving"),
        pytest.param("11-27T17:59", True, id="the half day after it"),
        pytest.param("11-27T18:14", True, id="once more after the early close"),
        pytest.param("11-27T18:15", False, id="and no more, though it would be open on any other Friday"),
        pytest.param("11-28T16:00", False, id="a Saturday"),
        pytest.param("03-06T14:00", False, id="the Friday before New York changes its clock"),
        pytest.param("03-09T13:30", True, id="the Monday after: open an hour earlier by UTC"),
        pytest.param("03-09T20:15", False, id="and closed an hour earlier"),
        pytest.param("10-30T13:30", True, id="the last Friday of summer"),
        pytest.param("11-02T13:30", False, id="the first Monday of winter"),
    ],
)
def test_new_york_is_worth_asking_for_quotes(new_york, moment, expected):
    assert due.is_open(new_york, at(moment)) is expected


def test_any_exchange_that_is_open_will_do(year):
    assert due.is_open(year, at("11-26T10:00"))  # London, on Thanksgiving
    assert due.is_open(year, at("11-25T02:00"))  # Tokyo
    assert not due.is_open(year, at("11-25T22:00"))


def closed(sessions, day: dt.date) -> dict[str, list]:
    """Return what each tick of a day says that has just closed, where it says anything."""
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    ticks = [start + dt.timedelta(hours=hour, minutes=minute) for hour in range(24) for minute in due.CLOSES_AT]
    return {f"{tick:%H:%M}": found for tick in ticks if (found := due.just_closed(sessions, tick))}


@pytest.mark.parametrize(
    ("day", "ticks"),
    [
        pytest.param(dt.date(2026, 11, 25), {"21:35": "XNYS"}, id="16:00 in winter"),
        pytest.param(HOLIDAY, {}, id="a holiday has no close"),
        pytest.param(EARLY, {"18:35": "XNYS"}, id="an early close, an early refresh"),
        pytest.param(dt.date(2026, 12, 24), {"18:35": "XNYS"}, id="Christmas Eve"),
        pytest.param(dt.date(2026, 3, 6), {"21:35": "XNYS"}, id="before the clock changes"),
        pytest.param(dt.date(2026, 3, 9), {"20:35": "XNYS"}, id="after"),
    ],
)
def test_each_close_is_seen_by_one_tick(new_york, day, ticks):
    assert closed(new_york, day) == {tick: [(exchange, day)] for tick, exchange in ticks.items()}


def test_each_exchange_has_its_own_end_of_day(year):
    day = dt.date(2026, 11, 25)
    assert closed(year, day) == {"07:05": [("XTKS", day)], "17:05": [("XLON", day)], "21:35": [("XNYS", day)]}


def test_every_session_of_the_year_is_seen_once_and_at_the_tick_that_is_due(year):
    """What one tick sees and what is looked for afterwards are the same."""
    for exchange, day, closes in year.select("exchange", "date", "closes_at").rows():
        (tick,) = {
            due.last_due(year.filter(exchange=exchange, date=day), closes + dt.timedelta(hours=1, minutes=5))["close"]
        }
        assert (exchange, day) in due.just_closed(year, tick)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("11-27T18:34", "11-25T21:35", id="before the tick after the early close: Wednesday's"),
        pytest.param("11-27T18:35", "11-27T18:35", id="at that tick"),
        pytest.param("11-30T12:00", "11-27T18:35", id="over the weekend"),
    ],
)
def test_the_last_close_that_was_due(new_york, now, expected):
    assert due.last_due(new_york, at(now))["close"] == at(expected)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("11-27T15:14", "11-26T15:15", id="16:15 in Frankfurt is 15:15 in winter"),
        pytest.param("11-27T15:15", "11-27T15:15", id="at the minute"),
        pytest.param("11-29T20:00", "11-27T15:15", id="a Sunday looks back to Friday"),
        pytest.param("03-27T15:15", "03-27T15:15", id="the Friday before the clock changes"),
        pytest.param("03-30T14:15", "03-30T14:15", id="the Monday after: 14:15"),
        pytest.param("03-30T14:14", "03-27T15:15", id="and not before"),
        pytest.param("10-26T14:15", "10-23T14:15", id="back to winter: 14:15 is too early again"),
    ],
)
def test_the_last_fixing_that_was_due(new_york, now, expected):
    assert due.last_due(new_york, at(now))["fixing"] == at(expected)


def test_the_last_night(new_york):
    assert due.last_due(new_york, at("11-27T01:59"))["night"] == at("11-26T02:00")
    assert due.last_due(new_york, at("11-27T02:00"))["night"] == at("11-27T02:00")


def test_without_a_session_no_close_is_due(new_york):
    assert set(due.last_due(new_york.clear(), at("11-27T18:35"))) == {"fixing", "night"}


def test_only_what_is_held_counts():
    holdings = pl.DataFrame({"symbol": ["A", "A", "B", "C"], "quantity": [1, 0, 0, -2]})
    assert due.held_symbols(holdings) == {"A", "C"}
