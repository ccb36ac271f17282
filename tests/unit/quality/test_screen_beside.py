"""Rows beside another provider, the calendar, and rates beside their neighbours."""

import datetime as dt

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, dividend, fetch, known, price, rate, symbol, weekdays


def verdicts(of):
    return of.select("rule", "held").rows()


@pytest.mark.parametrize(
    ("ours", "theirs", "more", "expected"),
    [
        pytest.param(100, 100.9, {}, [], id="less than one percent"),
        pytest.param(100, 101.1, {}, [("providers_disagree", True)], id="more than one percent"),
        pytest.param(100, 101.1, {"asset_class": "Crypto"}, [("providers_disagree", False)], id="no close of its own"),
    ],
)
def test_two_providers_of_one_close(ours, theirs, more, expected):
    other = price(close=theirs, source="alphavantage")
    master = [symbol(**more)]
    assert verdicts(screen(fetch(prices=[price(close=ours), other]), known(symbols=master), today=DAY)) == expected
    stored = known(prices=[other], symbols=master)
    assert verdicts(screen(fetch(prices=[price(close=ours)]), stored, today=DAY)) == expected


def test_a_persons_own_file_is_believed():
    of = screen(fetch(prices=[price(close=100), price(close=110, source="inbox")]), known(), today=DAY)
    assert verdicts(of) == [("providers_disagree", False)]
    assert of["reason"][0] == "inbox says 110, yahoo 100: 10% apart"


def test_two_providers_of_one_dividend_and_of_one_rate():
    told = [dividend(amount=1), dividend(amount=1.2, source="alphavantage")]
    assert verdicts(screen(fetch(dividends=told), known(), today=DAY)) == [("providers_disagree", True)]
    in_another_currency = [told[0], told[1] | {"currency": "EUR"}]
    assert verdicts(screen(fetch(dividends=in_another_currency), known(), today=DAY)) == []
    rates = [rate(1.1), rate(1.2, source="yahoo")]
    assert verdicts(screen(fetch(rates=rates), known(), today=DAY)) == [("providers_disagree", True)]


@pytest.mark.parametrize(
    ("factors", "waits"),
    [
        pytest.param((1.03,) * 6, True, id="another rate of the currency"),
        pytest.param((1.005,) * 6, False, id="as two sources are"),
        pytest.param((1, 1, 1.03, 1.03, 1, 1), False, id="two of five days are off"),
        pytest.param((1.03, 1.03, 1.03, 1, 1, 1), True, id="three of five days are off"),
    ],
)
def test_a_new_rate_of_who_contradicts_another_of_the_days_before_waits(factors, waits):
    days = weekdays(6)
    stored = [rate(1.1, date=day) for day in days[:-1]]
    told = [rate(round(1.1 * factor, 4), date=day, source="yahoo") for factor, day in zip(factors, days, strict=True)]
    of = screen(fetch(rates=told), known(rates=stored), today=DAY)
    assert of.filter(date=DAY).select("rule", "held").rows() == ([("another_series", True)] if waits else [])
    own = [row | {"source": "inbox"} for row in stored]
    assert screen(fetch(rates=told), known(rates=own), today=DAY).filter("held").is_empty()


def calendar(*days, exchange="XNYS"):
    return [{"exchange": exchange, "date": day, "opens_at": None, "closes_at": None} for day in days]


@pytest.mark.parametrize(
    ("day", "volume", "close", "expected"),
    [
        pytest.param(dt.date(2024, 3, 12), 5, 11, [], id="a session"),
        pytest.param(dt.date(2024, 3, 10), 5, 11, [("no_session", True)], id="a Sunday"),
        pytest.param(dt.date(2024, 3, 11), 0, 10, [("no_session", True)], id="a holiday, nothing traded"),
        pytest.param(dt.date(2024, 3, 11), 5, 11, [("no_session", False)], id="a holiday, and yet traded"),
    ],
)
def test_prices_of_days_without_a_session(day, volume, close, expected):
    sessions = calendar(*weekdays(6, until=dt.date(2024, 3, 8)), dt.date(2024, 3, 12), DAY, DAY + dt.timedelta(1))
    of_symbol = known(
        prices=[price(close=10, date=dt.date(2024, 3, 8))], symbols=[symbol(exchange="XNYS")], sessions=sessions
    )
    of = screen(fetch(prices=[price(close=close, date=day, volume=volume)]), of_symbol, today=DAY)
    assert verdicts(of.filter(rule="no_session")) == expected


def test_no_calendar_judges_nothing():
    sunday = fetch(prices=[price(close=10, date=dt.date(2024, 3, 10))])
    assert screen(sunday, known(symbols=[symbol(exchange="XNYS")]), today=DAY).is_empty()


def test_sessions_without_a_price_are_one_remark_a_gap():
    days = weekdays(8)
    master, sessions = [symbol(exchange="XNYS")], calendar(*days)
    told = fetch(prices=[price(close=10, date=day) for day in (*days[:2], *days[5:])])
    gap = screen(told, known(symbols=master, sessions=sessions), today=DAY)
    assert gap.select("rule", "date", "value", "held").rows() == [("sessions_missing", days[2], None, False)]
    assert gap["reason"][0] == f"3 sessions without a price before {days[5]}"


@pytest.mark.parametrize(
    ("age", "status", "expected"),
    [
        pytest.param(14, "active", [], id="a fortnight"),
        pytest.param(15, "active", [("gone_quiet", False)], id="longer"),
        pytest.param(15, "delisted", [], id="delisted"),
    ],
)
def test_a_symbol_gone_quiet(age, status, expected):
    last = price(close=10, date=DAY - dt.timedelta(age))
    assert verdicts(screen(fetch(prices=[last]), known(symbols=[symbol(status=status)]), today=DAY)) == expected


CALM = [1.10, 1.11, 1.105, 1.1] * 10


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param((1.11, 1.1, 1.12), [], id="a calm week"),
        pytest.param((1.1, 1.3, 1.1), [("rate_leaps", True)], id="away for a day"),
        pytest.param((1.1, 110, 111), [("rate_leaps", True)] * 2, id="100 times"),
        pytest.param((1.1, 1.1, 1.4), [("rate_leaps", True)], id="gone, since today"),
        pytest.param((1.4, 1.41, 1.4), [("rate_leaps", False)], id="devalued"),
        pytest.param((1.1, 1.1, 1.19), [], id="a bad day"),
    ],
)
def test_rates(new, expected):
    days = weekdays(43)
    stored = [rate(value, date=day) for value, day in zip(CALM, days, strict=False)]
    told = fetch(rates=[rate(value, date=day) for value, day in zip(new, days[40:], strict=True)])
    assert verdicts(screen(told, known(rates=stored), today=DAY)) == expected


@pytest.mark.parametrize(
    ("factor", "rows", "held"),
    [
        pytest.param(1.3, 2, 2, id="a devaluation, since yesterday"),
        pytest.param(1.3, 3, 0, id="for three days"),
        pytest.param(2, 3, 3, id="twice as much, for three days"),
        pytest.param(2, 9, 9, id="for nine"),
        pytest.param(2, 10, 0, id="for ten"),
        pytest.param(10, 10, 10, id="ten times as much, for ten"),
        pytest.param(0.1, 59, 59, id="a tenth, for fifty-nine"),
        pytest.param(10, 60, 0, id="ten times as much, for sixty: new money"),
    ],
)
def test_the_larger_a_leap_the_longer_a_rate_must_stay(factor, rows, held):
    days = weekdays(40 + rows)
    stored = [rate(value, date=day) for value, day in zip(CALM, days, strict=False)]
    told = [rate(round(CALM[at % 40] * factor, 6), date=day) for at, day in enumerate(days[40:])]
    found = screen(fetch(rates=told), known(rates=stored), today=DAY).filter("held")
    assert found["rule"].to_list() == ["rate_leaps"] * held
    first = screen(fetch(rates=[*stored, *told]), known(), today=DAY).filter("held")
    assert first.height == min(held, 40)


def test_ten_times_as_much_for_a_month_and_back_is_held_for_that_month():
    values = [*CALM, *(10 * value for value in CALM[:20]), *CALM, *CALM]
    days = weekdays(len(values))
    told = fetch(rates=[rate(value, date=day) for value, day in zip(values, days, strict=True)])
    assert screen(told, known(), today=DAY).filter("held")["date"].to_list() == days[40:60]


@pytest.mark.parametrize(("factor", "held"), [(1.3, 0), (10, 2)])
def test_the_last_leap_of_a_currency_that_is_told_no_more(factor, held):
    days = weekdays(120)
    ended = [value * (factor if at >= 78 else 1) for at, value in enumerate(CALM * 2)]
    told = [rate(value, date=day, currency="RUB") for value, day in zip(ended, days, strict=False)]
    others = [rate(1.1, date=day) for day in days]
    assert screen(fetch(rates=[*told, *others]), known(), today=DAY).filter("held").height == held


def test_a_rate_turned_upside_down_is_found():
    yen = [
        rate(value, date=day, currency="JPY") for value, day in zip([160.0] * 20 + [0.00625], weekdays(21), strict=True)
    ]
    of = screen(fetch(rates=yen), known(), today=DAY)
    assert of.select("about", "date", "value", "expected", "held").rows() == [("JPY", DAY, "0.00625", "160", True)]


def test_closes_of_nobody_known_are_judged_among_themselves():
    assert screen(fetch(prices=closes(*[10] * 30)), known(), today=DAY).is_empty()
