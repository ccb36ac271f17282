"""Current prices beside closes that are held back: none enters that is such a close told once more, or goes on from it.

Belongs here: quotes judged with the real screens. Does not: quotes judged by their own step (`test_admission`).
"""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.quality.admission import Past, admit
from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, fetch, frame, known, price, split, symbol, weekdays
from warehouse.schema import market
from warehouse.schema.ops import QUARANTINE

NOON = dt.datetime.combine(DAY, dt.time(12), dt.UTC)
EVE = weekdays(2)[0]
YESTERDAY, MORROW = NOON - dt.timedelta(days=1), NOON + dt.timedelta(days=1)
NO_RELEASES = pl.DataFrame(schema=dict.fromkeys(("table_name", "rule", "key", "value"), pl.String))
CALM = closes(*[100, 101] * 15, until=EVE, volume=1000)
WEEK = CALM[-5:]


def bar(close, date=DAY, *, low=99, high=102, **more):
    return price(close=close, date=date, open=low, low=low, high=high, volume=1000, **more)


def times(factor, rows):
    return [row | {"close": round(row["close"] * factor, 6)} for row in rows]


def judged(told, quote, *, at=NOON, stored=CALM, releases=NO_RELEASES, splits=(), sessions=(), listed=None):
    profile = symbol(last_price=quote, last_price_at=at, price_source="yahoo")
    return admit(
        fetch(prices=told, splits=splits),
        frame([profile], market.SYMBOLS),
        known(prices=stored, symbols=[symbol(exchange=listed)], sessions=sessions),
        Past(open_rows=QUARANTINE.empty(), releases=releases),
        today=max(DAY + dt.timedelta(days=1), at.date()),
        judge=screen,
    )


def current(*args, **more):
    return judged(*args, **more).symbols["last_price"].item()


OF_ANOTHER = [row | {"source": "alphavantage"} for row in CALM]
FALSE = bar(130)  # outside of its own bar
FOR_SIX = times(1 / 1.2, [*WEEK, price(close=101, volume=1000)])  # restated, and nobody tells the split


@pytest.mark.parametrize(
    ("told", "quote", "at", "stored"),
    [
        pytest.param([FALSE], 130, NOON, CALM, id="the close of its day is outside of its bar"),
        pytest.param([FALSE], 100, NOON, CALM, id="another price of that day"),
        pytest.param([bar(103, EVE)], 103, YESTERDAY, OF_ANOTHER, id="another provider has stored its day"),
        pytest.param(FOR_SIX, 84, NOON, CALM, id="a restated series"),
        pytest.param(FOR_SIX[:-1], 84, NOON, CALM, id="a restated series, a day later"),
        pytest.param(
            closes(145, 146, volume=1000), 139, MORROW, CALM[:-1], id="a level that nobody traded, a day later"
        ),
    ],
)
def test_a_quote_of_what_is_held_back_waits_with_it(told, quote, at, stored):
    said = judged(told, quote, at=at, stored=stored)
    assert said.symbols.select("last_price", "last_price_at", "price_source").row(0) == (None, None, None)
    assert said.held.filter(table_name="symbols")["value"].to_list() == [str(quote)]


def test_it_says_why():
    said = judged([FALSE], 130).held.filter(table_name="symbols")
    assert said.select("about", "date", "rule", "column_name").rows() == [("A", DAY, "outside_of_range", "last_price")]
    assert said["reason"][0].startswith(
        "price 130 of a day whose close is held back: 27.5% of the price outside of low"
    )


@pytest.mark.parametrize(
    ("told", "quote", "at"),
    [
        pytest.param([bar(101)], 101, NOON, id="all is sound"),
        pytest.param([bar(130, EVE), bar(101)], 101, NOON, id="a false close of the day before"),
        pytest.param([FALSE], 102, MORROW, id="a false close, and the next day is as before"),
        pytest.param([bar(1.01)], 102, MORROW, id="a close in another unit, and the next day is as before"),
        pytest.param([price(close=101, volume=-5)], 101, NOON, id="a volume that cannot be says nothing of the close"),
        pytest.param([price(close=101, open=-1, volume=5)], 101, NOON, id="nor does an open"),
    ],
)
def test_a_sound_quote_enters(told, quote, at):
    stored = CALM[:-1] if any(row["date"] == EVE for row in told) else CALM
    assert current(told, quote, at=at, stored=stored) == quote


def test_the_first_quote_of_a_told_split_enters_though_the_series_is_not_restated_yet():
    told = times(1.2, WEEK)  # undone for a split that is not in them
    said = judged(told, 84, splits=[split(6, 5)])
    assert set(said.held["rule"]) == {"restated"}
    assert (said.symbols["last_price"].item(), said.believed.splits.height) == (84, 1)


def test_who_releases_the_close_lets_its_quote_in():
    held = judged([FALSE], 130).held
    close = held.filter(table_name="price_history").select(NO_RELEASES.columns)
    assert current([FALSE], 130, releases=close) == 130
    assert current([FALSE], 130, releases=held.filter(table_name="symbols").select(NO_RELEASES.columns)) == 130
    assert current([FALSE], 131, releases=held.filter(table_name="symbols").select(NO_RELEASES.columns)) is None


@pytest.mark.parametrize("stored", [True, False], ids=["before", "now"])
def test_beside_a_persons_close_of_that_day_nothing_waits(stored):
    own = price(close=100, source="inbox")
    said = judged([FALSE], 101, stored=[*CALM, own]) if stored else judged([FALSE, own], 101)
    assert (said.held.height, said.symbols["last_price"].item()) == (0, 101)


def test_a_session_that_opens_on_the_day_before_in_utc_is_not_that_of_a_false_close():
    opening = dt.datetime.combine(EVE, dt.time(23), dt.UTC)
    sydney = {"exchange": "XASX", "date": DAY, "opens_at": opening, "closes_at": opening + dt.timedelta(hours=6)}
    told, at = [bar(130, EVE)], opening + dt.timedelta(minutes=20)
    assert current(told, 101, at=at, stored=CALM[:-1], sessions=[sydney], listed="XASX") == Decimal(101)
    assert current(told, 101, at=at, stored=CALM[:-1]) is None


SIX_FOR_FIVE = split(6, 5)
OPENING = dt.datetime.combine(EVE, dt.time(23), dt.UTC)
SYDNEY = {"exchange": "XASX", "date": DAY, "opens_at": OPENING, "closes_at": OPENING + dt.timedelta(hours=6)}


@pytest.mark.parametrize(
    ("minutes", "splits", "expected"),
    [
        pytest.param(20, [SIX_FOR_FIVE], None, id="its day has begun there alone"),
        pytest.param(20, [], 84, id="no split"),
        pytest.param(20, [split(1, 1)], 84, id="one for one is none"),
        pytest.param(20, [split(6, 5, ex_date=DAY + dt.timedelta(days=1))], 84, id="a split of the day after"),
        pytest.param(80, [SIX_FOR_FIVE], 84, id="its day has begun in UTC"),
        pytest.param(-30, [SIX_FOR_FIVE], 84, id="the session has not begun"),
    ],
)
def test_the_first_quote_of_a_split_waits_until_its_day_has_begun_in_utc(minutes, splits, expected):
    """Until then everybody is counted in the units of before, and their price is the last one of these."""
    at, told = OPENING + dt.timedelta(minutes=minutes), CALM[-5:-1]
    said = judged(told, 84, at=at, stored=CALM[:-1], splits=splits, sessions=[SYDNEY], listed="XASX")
    assert said.symbols["last_price"].item() == expected
    assert (expected is None) == ("split_ahead" in said.held["rule"])


def test_what_waits_for_a_split_says_which():
    told = judged([], 21, at=OPENING, stored=CALM[:-1], splits=[split(5, 1)], sessions=[SYDNEY], listed="XASX")
    quote = told.held.filter(table_name="symbols")
    assert quote.select("date", "rule", "value").rows() == [(EVE, "split_ahead", "21")]
    assert quote["reason"][0] == "price 21 of the session of 2024-03-13, with a split of 5 new for 1: both count when that day has begun in UTC"  # fmt: skip
    assert told.believed.splits.is_empty()


@pytest.mark.parametrize(
    ("told", "quote", "expected"),
    [
        pytest.param(times(100, [*WEEK, price(close=101, volume=1000)]), 10100, "USX", id="all held back"),
        pytest.param([*WEEK, bar(10100)], 10100, "USX", id="the last one held back"),
        pytest.param([*WEEK, bar(101)], 10100, "USX", id="the quote alone"),
        pytest.param([*WEEK, bar(101)], 101, "USD", id="nothing held back"),
        pytest.param([*WEEK[:-1], bar(130, EVE), bar(101)], 101, "USD", id="an earlier one"),
    ],
)
def test_prices_that_are_not_believed_leave_the_stored_unit(told, quote, expected):
    profile = symbol(last_price=quote, last_price_at=NOON, price_source="yahoo")  # in dollars
    stored = known(prices=CALM, symbols=[symbol(price_unit="USX")])
    past = Past(open_rows=QUARANTINE.empty(), releases=NO_RELEASES)
    said = admit(fetch(prices=told), frame([profile], market.SYMBOLS), stored, past, today=DAY)
    assert said.symbols["price_unit"].to_list() == [expected]


HOLIDAYS = dt.timedelta(days=9)


@pytest.mark.parametrize(
    ("quote", "since", "price"),
    [
        pytest.param(101, HOLIDAYS, 101, id="the last close over the longest holidays"),
        pytest.param(101, HOLIDAYS + dt.timedelta(days=1), None, id="the last close, told for longer"),
        pytest.param(101.5, HOLIDAYS + dt.timedelta(days=1), 101.5, id="another price: somebody trades"),
    ],
)
def test_a_last_close_that_is_told_as_of_a_later_day_again_and_again_is_no_price_of_that_day(quote, since, price):
    at = dt.datetime.combine(CALM[-1]["date"] + since, dt.time(15), dt.UTC)
    said = judged(WEEK, quote, at=at)
    assert said.symbols["last_price"].item() == (None if price is None else Decimal(str(price)))
    if price is None:
        reason = f"price 101 of {at:%Y-%m-%d} is the close of {CALM[-1]['date']}, and none has come since"
        assert said.held.filter(table_name="symbols").select("rule", "reason").row(0) == ("quote_frozen", reason)


@pytest.mark.parametrize("close", [57, 10000], ids=["a fall", "a hundredfold"])
def test_a_close_that_is_released_lets_in_its_quote_then_and_on_the_next_night(close):
    told = [*WEEK, price(close=close, volume=1000)]
    held = judged(told, close).held
    assert set(held["table_name"]) == {"price_history", "symbols"}
    released = held.filter(table_name="price_history").select(NO_RELEASES.columns)
    now = judged(told, close, releases=released)
    assert (now.held.height, now.symbols["last_price"].item()) == (0, close)
    later = judged(told, close, stored=[*CALM, told[-1]])
    assert (later.held.height, later.symbols["last_price"].item()) == (0, close)
    assert judged(told, close + 1, stored=[*CALM, told[-1]]).symbols["last_price"].item() is None
