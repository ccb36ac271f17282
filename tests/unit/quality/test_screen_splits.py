"""Splits beside the prices around them: as they come, and again after they were stored."""

import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, dividend, fetch, known, price, split, symbol, weekdays

CALM = [100 + day % 3 for day in range(40)]
NEW = weekdays(3)  # the last of them is DAY
STORED = closes(*CALM, until=weekdays(4)[0])  # and ends at 100
MONDAY, TUESDAY = NEW[:2]


def judged(prices=(), splits=(), *, stored=STORED, known_splits=(), quote=None, dividends=()):
    """Return rule, day and value of the splits that are held, or taken back."""
    fetched = fetch(prices=prices, splits=splits, dividends=dividends, quotes=[] if quote is None else [quote])
    beside = known(prices=stored, symbols=[symbol()], splits=known_splits)
    found = screen(fetched, beside, today=DAY).filter("held", table_name="split_history")
    return found.select("rule", "date", "expected").rows()


def halved(rows):
    return [row | {"close": row["close"] / 2} for row in rows]


UNCONFIRMED = [("split_unconfirmed", DAY, None)]


def test_a_split_without_a_price_since_waits_for_one():
    assert judged(closes(101, 102, until=TUESDAY), [split(2, 1)]) == UNCONFIRMED
    assert judged(splits=[split(2, 1)]) == UNCONFIRMED
    assert judged([*closes(101, 102, until=TUESDAY), price(close=51)], [split(2, 1)]) == []


def test_a_split_that_is_too_small_to_be_judged_waits_as_well():
    # Units and price change together, or the value of a day is wrong.
    assert judged(splits=[split(21, 20)]) == UNCONFIRMED
    assert judged([price(close=95)], [split(21, 20)]) == []


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        pytest.param(price(close=50), [], id="it trades at half"),
        pytest.param(price(close=100), [("split_unlike_prices", DAY, "1")], id="it trades where it did"),
        pytest.param(price(close=100, date=TUESDAY), UNCONFIRMED, id="of the day before"),
    ],
)
def test_the_current_price_speaks_before_the_first_close(quote, expected):
    assert judged(splits=[split(2, 1)], quote=quote) == expected


LATE = weekdays(20)[:10]


@pytest.mark.parametrize("stepped", [True, False], ids=["with its step", "without"])
@pytest.mark.parametrize("ratio", [(5, 4), (6, 5), (3, 2), (2, 1)], ids=lambda ratio: f"{ratio[0]}:{ratio[1]}")
def test_a_split_that_is_told_two_weeks_late_is_judged_by_the_stored_closes(ratio, stepped):
    ex_date = LATE[0]
    since = [row | {"close": row["close"] * (ratio[1] / ratio[0] if stepped else 1)} for row in closes(*CALM[:20])]
    stored = [*closes(*CALM[:30], until=weekdays(21)[0]), *since[:-1]]
    expected = [] if stepped else [("split_unlike_prices", ex_date, "1.02")]
    assert judged(since[-5:], [split(*ratio, ex_date=ex_date)], stored=stored) == expected
    known_split = [split(*ratio, ex_date=ex_date)]
    # Once it is stored, a provider that no longer tells it, or never did, takes nothing back.
    for source in ("yahoo", "alphavantage"):
        week = [row | {"source": source} for row in since[-5:]]
        assert stepped is False or judged(week, [], stored=stored, known_splits=known_split) == []


def test_a_close_goes_before_the_current_price():
    assert judged([price(close=51)], [split(2, 1)], quote=price(close=100)) == []


@pytest.mark.parametrize(
    ("close", "ratio", "traded"),
    [
        pytest.param(101, (2, 1), "0.9901", id="no step at all"),
        pytest.param(25, (2, 1), "4", id="a step twice as large"),
        pytest.param(50, (1, 2), "2", id="upside down"),
    ],
)
def test_a_split_that_stored_and_new_price_contradict_is_held(close, ratio, traded):
    assert judged([price(close=close)], [split(*ratio)]) == [("split_unlike_prices", DAY, traded)]


def test_a_split_on_a_bad_day_is_believed():
    assert judged([price(close=40)], [split(2, 1)]) == []
    assert judged([price(close=750)], [split(1, 10)]) == []


def test_who_pays_out_and_consolidates_leaves_the_price_alone():
    consolidated = {"prices": [price(close=99)], "splits": [split(1, 2)]}
    assert judged(**consolidated) == [("split_unlike_prices", DAY, "1.01")]
    assert judged(**consolidated, dividends=[dividend(amount=50)]) == []


def test_a_split_after_weeks_without_a_fetch_is_judged_by_the_days_that_came_with_it():
    """The provider tells 100 throughout: what is before the split was doubled to undo it, and the stored days show it."""
    stored = closes(*[100] * 40, until=weekdays(31)[0])
    undone = closes(*[200] * 35, until=TUESDAY)  # five of them are stored
    assert judged([*undone, price(close=100)], [split(2, 1)], stored=stored) == [("split_unlike_prices", DAY, "1")]
    assert judged([*undone, price(close=50)], [split(2, 1)], stored=stored) == []
    assert judged([*closes(*[100] * 35, until=TUESDAY), price(close=50)], [split(2, 1)], stored=stored) == []


def test_a_split_that_is_told_twice_is_held_once():
    both = [split(2, 1, ex_date=MONDAY), split(2, 1)]
    assert judged(closes(50, 51, 50), both) == [("split_twice", DAY, str(MONDAY))]
    assert judged(closes(101, 102, 51), both) == [("split_unlike_prices", MONDAY, "0.9901")]
    assert judged(closes(101, 102, 51), [split(2, 1)], known_splits=[split(2, 1, ex_date=MONDAY, source="inbox")]) == [
        ("split_twice", DAY, str(MONDAY))
    ]


def test_a_split_told_anew_with_another_ratio_is_held():
    stored = {"stored": [*STORED, price(close=50, date=MONDAY)], "known_splits": [split(2, 1, ex_date=MONDAY)]}
    assert judged(splits=[split(3, 1, ex_date=MONDAY)], **stored) == [("split_unlike_stored", MONDAY, "2")]
    assert judged(splits=[split(4, 2, ex_date=MONDAY)], **stored) == []


STORED_ONE = {"known_splits": [split(2, 1, ex_date=MONDAY)]}


@pytest.mark.parametrize("told", [[split(2, 1, ex_date=MONDAY)], []], ids=["told on", "told no more"])
def test_a_stored_split_is_taken_back_when_the_first_close_since_contradicts_it(told):
    assert judged(closes(101, until=MONDAY), told, **STORED_ONE) == [("split_unlike_prices", MONDAY, "0.9901")]
    assert judged(closes(50, until=MONDAY), told, **STORED_ONE) == []


def test_a_stored_split_is_taken_back_by_closes_that_are_stored_as_well():
    since = closes(100, 101, until=TUESDAY)
    assert judged([price(close=101)], stored=STORED + since, **STORED_ONE) == [("split_unlike_prices", MONDAY, "1")]
    assert judged([price(close=50)], stored=STORED + halved(since), **STORED_ONE) == []


def test_one_bad_price_takes_no_stored_split_back():
    assert judged(closes(5000, until=MONDAY), **STORED_ONE) == []
    assert judged(closes(5000, until=MONDAY), quote=price(close=100, date=MONDAY), **STORED_ONE) == []


def test_no_price_takes_back_what_a_person_said():
    assert judged(closes(101, until=MONDAY), known_splits=[split(2, 1, ex_date=MONDAY, source="inbox")]) == []


@pytest.mark.parametrize(("hours", "taken_back"), [(-24, 1), (0, 0), (24, 0)], ids=["before", "with", "after"])
def test_closes_speak_against_a_split_only_if_they_were_stored_before_it(hours, taken_back):
    """What came with it is as traded by undoing it, so a sound one that left the price alone would contradict itself."""
    told_at = dt.datetime(2024, 3, 11, 22, tzinfo=dt.UTC)
    stored = [row | {"fetched_at": told_at + dt.timedelta(hours=hours)} for row in STORED]
    of_split = [split(2, 1, ex_date=MONDAY, fetched_at=told_at)]
    assert len(judged(closes(101, until=MONDAY), stored=stored, known_splits=of_split)) == taken_back


def test_what_the_rest_of_the_fetch_is_judged_without():
    """The closes since a split that never was are believed, and not measured by it."""
    beside = known(prices=STORED, symbols=[symbol()], splits=STORED_ONE["known_splits"])
    found = screen(fetch(prices=closes(101, 102, 101)), beside, today=DAY).filter("held")
    assert found.select("table_name", "rule").rows() == [("split_history", "split_unlike_prices")]


SMALL = split(21, 20, ex_date=MONDAY)
WEEK = STORED[-5:]
SMALL_STORED = {"stored": [*STORED, price(close=95, date=MONDAY)], "known_splits": [SMALL]}


def test_a_split_that_prices_cannot_judge_is_taken_back_when_its_source_tells_it_no_more():
    withdrawn = [("split_withdrawn", MONDAY, None)]
    assert judged([*WEEK, *closes(95, 96, until=TUESDAY)], **SMALL_STORED) == withdrawn
    assert judged([*WEEK, *closes(95, 96, until=TUESDAY)], [SMALL], **SMALL_STORED) == []


@pytest.mark.parametrize(
    "prices",
    [
        pytest.param([], id="nothing came"),
        pytest.param(closes(95, 96, until=TUESDAY), id="no day before it was asked for"),
        pytest.param(WEEK, id="no day since"),
        pytest.param([row | {"source": "other"} for row in [*WEEK, *closes(95, until=MONDAY)]], id="another provider"),
        pytest.param(
            [row | {"close": row["close"] * 20 / 21} for row in WEEK] + closes(95, until=MONDAY),
            id="its prices still count with it",
        ),
    ],
)
def test_who_says_nothing_of_a_split_withdraws_nothing(prices):
    assert judged(prices, **SMALL_STORED) == []


def test_a_split_that_prices_confirm_stays_whoever_is_silent():
    stored = {"stored": [*STORED, price(close=50, date=MONDAY)], **STORED_ONE}
    assert judged([*WEEK, *closes(50, 51, until=TUESDAY)], **stored) == []


def test_a_provider_that_takes_a_split_back_with_the_price_that_it_made_up_for_it_is_followed():
    stored = {"stored": [*STORED, price(close=50, date=MONDAY)], **STORED_ONE}
    mended = [*WEEK, *closes(101, 102, until=TUESDAY)]
    assert judged(mended, **stored) == [("split_unlike_prices", MONDAY, "0.9901")]
    assert judged(mended, [split(2, 1, ex_date=MONDAY)], **stored) == []


def test_a_close_that_comes_mended_lets_its_split_in():
    stored = [*STORED, price(close=100, date=MONDAY)]
    assert judged(closes(50, until=MONDAY), [split(2, 1, ex_date=MONDAY)], stored=stored) == []
    assert judged(closes(51, until=TUESDAY), [split(2, 1, ex_date=MONDAY)], stored=stored) == [
        ("split_unlike_prices", MONDAY, "1")
    ]


def test_a_split_that_moves_to_another_day_goes_with_its_first_ex_date():
    moved = [("split_moved", MONDAY, str(TUESDAY))]
    assert judged(closes(95, 96, until=TUESDAY), [split(21, 20, ex_date=TUESDAY)], **SMALL_STORED) == moved
    assert judged(closes(101, 51, until=TUESDAY), [split(2, 1, ex_date=TUESDAY)], **STORED_ONE) == moved
    # Nobody traded between the two days, so the step is that of both.
    between = {"stored": STORED, "known_splits": [split(2, 1, ex_date=NEW[0] - dt.timedelta(days=1))]}
    assert judged(closes(51, until=MONDAY), [split(2, 1, ex_date=MONDAY)], **between) == [
        ("split_moved", MONDAY - dt.timedelta(days=1), str(MONDAY))
    ]


def test_a_split_that_is_told_of_another_day_than_prices_say_is_held():
    stored = {"stored": [*STORED, price(close=50, date=MONDAY)], **STORED_ONE}
    assert judged(closes(51, until=TUESDAY), [split(2, 1, ex_date=TUESDAY)], **stored) == [
        ("split_unlike_prices", TUESDAY, "0.9804")
    ]
    assert judged(splits=[split(2, 1)], **stored) == [
        ("split_twice", DAY, str(MONDAY)),
        ("split_unconfirmed", DAY, None),
    ]


def test_one_for_one_is_no_split():
    nothing = [split(1, 1, source="inbox")]
    assert judged([*closes(101, 102, until=TUESDAY)], nothing) == []
    # It stands in the place of what a provider tells of that day.
    assert judged([price(close=101)], [split(2, 1)], known_splits=nothing) == [("split_unlike_stored", DAY, "1")]


def series(draw, name, ratio, *, true):
    """Return thirty days of a calm symbol, the last five since a split or since nothing, and the split as it is told."""
    new, old = ratio
    values = [100.0]
    for _ in range(29):
        values.append(values[-1] * draw.uniform(0.97, 1.03))
    rows = closes(*(round(value, 4) for value in values), symbol=name)
    if true:
        rows = rows[:-5] + [row | {"close": round(row["close"] * old / new, 4)} for row in rows[-5:]]
    return rows, split(new, old, ex_date=rows[-5]["date"], symbol=name)


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_of_calm_prices_every_true_split_enters_and_every_false_one_goes(seed):
    draw, stored, fetched, splits, known_splits, wrong = np.random.default_rng(seed), [], [], [], [], set()
    ratios = [(2, 1), (3, 2), (5, 4), (20, 1), (2, 3), (1, 5), (1, 50)]
    for number, (ratio, true, again) in enumerate(itertools.product(ratios, (True, False), (True, False))):
        rows, told = series(draw, f"S{number}", ratio, true=true)
        stored += rows[:-5]
        fetched += rows[-5:]
        splits.append(told)
        known_splits += [told] if again else []
        wrong |= set() if true else {("split_history", told["symbol"], "split_unlike_prices")}
    beside = known(prices=stored, splits=known_splits)
    found = screen(fetch(prices=fetched, splits=splits), beside, today=DAY).filter("held")
    assert set(found.select("table_name", "about", "rule").rows()) == wrong
