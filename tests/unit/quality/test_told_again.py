"""A far correction of a stored close waits until its provider says it on a later day, or another provider does."""

import datetime as dt
import json

import polars as pl
import pytest

from pipelines.quality.admission import Past, admit
from tests.held import held_back
from tests.unit.quality.fetches import DAY, closes, fetch, known, price, rate, symbol, weekdays
from warehouse.schema import market
from warehouse.schema.ops import QUARANTINE

EVE = weekdays(2)[0]
WEEK = (100, 101, 102, 103, 104)
CORRECTED = weekdays(3, until=EVE)[0]
NIGHT = dt.datetime.combine(DAY, dt.time(23), dt.UTC)
NO_RELEASES = pl.DataFrame(schema=dict.fromkeys(("table_name", "rule", "key", "value"), pl.String))


def hours(number):
    return dt.timedelta(hours=number)


def waits(close=140, *, first=24, last=24, since=None, source="yahoo", rule="corrected_far", date=CORRECTED):
    """Return the row that waits, first and last told some hours ago; with this value since the first, or later."""
    row = {"symbol": "A", "date": str(date), "close": str(close), "currency": "USD", "source": source}
    seen = {"first_seen_at": NIGHT - hours(first), "last_seen_at": NIGHT - hours(last), "state": "open"}
    seen["value_since_at"] = NIGHT - hours(first if since is None else since)
    about = {"about": "A", "key": f"A {date}", "date": date, "rule": rule, "value": str(close)}
    held = held_back(**about, fetched_row=json.dumps(row)).row(0, named=True)
    return QUARANTINE.conform(pl.DataFrame([held | seen | {"quarantine_id": 1, "run_id": "r"}]))


def judged(*told, waiting, releases=NO_RELEASES, revised=(), now=NIGHT):
    rows = list(told) or closes(100, 101, 140, 103, 104, 105)
    stored = known(prices=closes(*WEEK, until=EVE), symbols=[symbol()], revised=revised)
    past = Past(open_rows=waiting, releases=releases)
    return admit(fetch(prices=rows), market.SYMBOLS.empty(), stored, past, today=DAY, now=now)


def entered(*told, **more):
    said = judged(*told, **more)
    believed = said.believed.prices.filter(date=CORRECTED)
    assert believed.height + said.held.filter(date=CORRECTED)["key"].n_unique() == 1
    return believed.height == 1


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        pytest.param(QUARANTINE.empty(), False, id="told once"),
        pytest.param(waits(), True, id="told on the night before"),
        pytest.param(waits(first=22, last=22), False, id="told today"),
        pytest.param(waits(first=60, last=1), False, id="told today, and before"),
        pytest.param(waits(first=90, last=24, since=15), False, id="it waited before with something else"),
        pytest.param(waits(120), False, id="something else was told before"),
        pytest.param(waits(rule="jump"), False, id="held back by another rule"),
        pytest.param(waits(140.5, source="alphavantage", first=2, last=2), True, id="another provider told it"),
        pytest.param(waits(150, source="alphavantage"), False, id="another provider told something else"),
    ],
)
def test_a_far_correction_enters_when_it_is_told_again(waiting, expected):
    assert entered(waiting=waiting) is expected


def test_a_night_that_comes_early_is_a_night_and_midnight_alone_is_none():
    early, midnight = NIGHT - hours(3), NIGHT + hours(1.5)
    assert entered(waiting=waits(), now=early)
    assert not entered(waiting=waits(first=0, last=0), now=midnight)


def test_a_second_provider_that_says_it_puts_it_in_and_its_row_is_resolved():
    told = closes(100, 101, 140, 103, 104, 105, source="alphavantage")
    said = judged(*told, waiting=waits())
    assert said.believed.prices.select("date", "close").rows() == [(CORRECTED, 140), (DAY, 105)]
    assert (said.held.height, said.resolutions["resolution"].to_list()) == (0, ["believable"])
    assert not entered(*told, waiting=QUARANTINE.empty())


def test_what_has_entered_leaves_a_remark():
    said = judged(waiting=waits())
    assert said.remarks.select("date", "rule", "value").rows() == [(CORRECTED, "corrected_far", "140")]


def test_what_a_person_has_released_is_not_taken_back_at_once():
    first = [price(close=140, date=CORRECTED)]
    released = pl.DataFrame([("price_history", "corrected_far", f"A {CORRECTED}", "102")], schema=NO_RELEASES.schema, orient="row")  # fmt: skip
    assert entered(waiting=QUARANTINE.empty(), revised=first)
    assert not entered(waiting=QUARANTINE.empty(), revised=first, releases=released)


ASKED = {"price_history": ("yahoo", "alphavantage"), "fx_history": ("ecb", "yahoo")}


def apart(close=103.5, *, source="yahoo", **seen):
    """Return the row that waits because another provider's stored close is 102."""
    return waits(close, source=source, rule="providers_disagree", **seen)


def beside(*, waiting, close=103.5, eve=101, kept=102, stored="alphavantage", told="yahoo", order=ASKED, now=NIGHT):
    week = [row | {"close": kept} if row["date"] == CORRECTED else row for row in closes(*WEEK, until=EVE)]
    kept = [row | {"source": stored if row["date"] == CORRECTED else told} for row in week]
    rows = [
        row | {"close": close} if row["date"] == CORRECTED else row
        for row in closes(100, eve, *WEEK[2:], 105, source=told)
    ]
    past = Past(open_rows=waiting, releases=NO_RELEASES)
    stored_rows = known(prices=kept, symbols=[symbol()])
    said = admit(
        fetch(prices=rows),
        market.SYMBOLS.empty(),
        stored_rows,
        past,
        today=now.date(),
        now=now,
        preference=order,
    )
    entered = said.believed.prices.filter(date=CORRECTED).height == 1
    assert entered is not (said.held["rule"].to_list() == ["providers_disagree"])
    return entered


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param({"waiting": QUARANTINE.empty()}, False, id="told once"),
        pytest.param({"waiting": apart()}, True, id="told on the night before"),
        pytest.param({"waiting": apart(first=2, last=2)}, False, id="told twice in a night"),
        pytest.param({"waiting": apart(105)}, False, id="something else was told before"),
        pytest.param({"waiting": apart(), "order": {}}, False, id="nobody is asked first"),
        pytest.param({"waiting": apart(first=0, last=0), "now": NIGHT + hours(24)}, False, id="no close since then"),
        pytest.param({"waiting": apart(140), "close": 140}, False, id="the days beside it bear out the other"),
        pytest.param({"waiting": apart(102), "close": 102, "kept": 140}, True, id="they bear it out"),
        pytest.param(
            {"waiting": apart(source="alphavantage"), "stored": "yahoo", "told": "alphavantage"},
            False,
            id="one that stands in",
        ),
    ],
)  # fmt: skip
def test_what_a_provider_says_that_is_asked_first_enters_when_it_is_told_again(of, expected):
    assert beside(**of) is expected


def test_a_rate_of_the_provider_that_is_asked_first_enters_in_place_of_a_stand_ins_when_it_is_told_again():
    days = weekdays(6)
    told = [rate(1.16 + at / 1000, date=day) for at, day in enumerate(days)]
    off = told[2] | {"per_eur": 1.19, "source": "yahoo"}
    stored = known(rates=[*told[:2], off, *told[3:5]])
    text = {"currency": "USD", "date": str(days[2]), "per_eur": "1.162", "source": "ecb"}
    about = {"table_name": "fx_history", "about": "USD", "key": f"USD {days[2]}", "date": days[2]}
    held = held_back(**about, rule="providers_disagree", value="1.162", fetched_row=json.dumps(text))
    seen = dict.fromkeys(("first_seen_at", "last_seen_at"), NIGHT - hours(24))
    row = held.row(0, named=True) | seen | {"quarantine_id": 1, "run_id": "r", "state": "open"}
    for waiting, expected in ((QUARANTINE.empty(), 1), (QUARANTINE.conform(pl.DataFrame([row])), 0)):
        past = Past(open_rows=waiting, releases=NO_RELEASES)
        said = admit(fetch(rates=told), market.SYMBOLS.empty(), stored, past, today=DAY, now=NIGHT, preference=ASKED)
        assert said.held.height == expected
        assert (days[2] in said.believed.rates["date"].to_list()) is not bool(expected)


@pytest.mark.parametrize(
    ("off", "rule"),
    [
        pytest.param([1, 1, 1, 1.015, 1.024], "providers_disagree", id="two days by different ratios"),
        pytest.param([1, 1, 1, 1.015, 1.016], None, id="two days by one ratio, as for a split"),
        pytest.param([1.012, 1.018, 1.014, 1.02, 1.013], None, id="a week"),
        pytest.param([1.015] * 5, None, id="a week by one ratio"),
    ],
)
def test_days_of_a_stand_in_give_way_where_they_are_few_and_not_by_one_ratio(off, rule):
    true = closes(100, 101, 102, 103.5, 104, 105)
    stood_in = [
        row | {"close": round(row["close"] * factor, 2), "source": "yahoo" if factor == 1 else "alphavantage"}
        for row, factor in zip(true[:-1], off, strict=True)
    ]
    stored = known(prices=stood_in, symbols=[symbol()])

    def night(told, waiting, day):
        past = Past(open_rows=QUARANTINE.conform(waiting), releases=NO_RELEASES)
        now = dt.datetime.combine(day, dt.time(23), dt.UTC)
        return admit(fetch(prices=told), market.SYMBOLS.empty(), stored, past, today=day, now=now, preference=ASKED)

    first = night(true, QUARANTINE.empty(), DAY)
    seen = dict.fromkeys(("first_seen_at", "last_seen_at", "value_since_at"), NIGHT)
    held = [
        row | seen | {"quarantine_id": at, "run_id": "r", "state": "open"}
        for at, row in enumerate(first.held.to_dicts())
    ]
    later = DAY + dt.timedelta(1)
    again = night([*true, price(close=106, date=later)], pl.DataFrame(held), later)
    corrected = {row["date"] for row, factor in zip(true[:-1], off, strict=True) if factor != 1}
    assert corrected <= set(first.held["date"])
    assert (corrected <= set(again.believed.prices["date"])) is (rule is not None)
    assert (corrected <= set(again.held["date"])) is (rule is None)


@pytest.mark.parametrize(("eve", "expected"), [(101, True), (100.9, False)])
def test_a_provider_that_only_repeats_a_close_has_no_word_against_a_stand_in(eve, expected):
    assert beside(waiting=apart(100.9), close=100.9, eve=eve) is expected
