"""Dividends that are too large, too small, told twice or contradicted are found, and odd ones are not."""

import datetime as dt

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, dividend, fetch, known, rate, split, weekdays

DAYS = weekdays(60)
EX = DAYS[-10]
QUARTER = dt.timedelta(91)


def findings(*dividends, fall=0.0, splits=(), stored=(), adjusted=None, rates=(), **more):
    """Return what is found of a calm series that falls by ``fall`` on the ex-date, and of its dividends."""
    values = [round((100 + day % 3 / 10) * (1 - fall if DAYS[day] >= EX else 1), 4) for day in range(60)]
    rows = closes(*values, low=None, volume=1000, **more)
    rows = [row | {"low": row["close"], "high": row["close"], "open": row["close"]} for row in rows]
    if adjusted is not None:
        rows = [row | {"adj_close": row["close"] * (1 - adjusted if row["date"] < EX else 1)} for row in rows]
    of = fetch(prices=rows, dividends=dividends, splits=splits)
    return screen(of, known(dividends=stored, rates=rates), today=DAY).filter(table_name="dividend_history")


def held(*dividends, **more):
    return findings(*dividends, **more).filter("held").select("date", "rule").rows()


@pytest.mark.parametrize(
    ("amount", "fall", "expected"),
    [
        pytest.param(1, 0.01, [], id="1 % paid, 1 % gone"),
        pytest.param(1, -0.01, [], id="1 % paid on a good day"),
        pytest.param(25, 0.24, [], id="a quarter paid out, and gone"),
        pytest.param(25, 0.01, [(EX, "dividend_large")], id="a quarter that the price does not know"),
        pytest.param(150, 0.01, [(EX, "dividend_large")], id="more than the price"),
        pytest.param(15, 0.0, [(EX, "dividend_not_in_price")], id="15 % that the price does not know"),
        pytest.param(15, 0.14, [], id="15 % paid, and gone"),
    ],
)
def test_a_dividend_beside_its_price(amount, fall, expected):
    assert held(dividend(amount=amount, ex_date=EX), fall=fall) == expected


def test_a_large_dividend_that_the_price_confirms_is_a_remark():
    remark = findings(dividend(amount=25, ex_date=EX), fall=0.24).row(0, named=True)
    assert not remark["held"]
    assert remark["reason"].startswith("25 is 25% of the close of 100.1 on 2024-02-28, and the price fell by 23.9%")


def test_a_large_dividend_at_which_the_price_rose_says_so():
    (reason,) = findings(dividend(amount=25, ex_date=EX), fall=-0.02)["reason"]
    assert "and the price rose by 2.1" in reason


@pytest.mark.parametrize(
    ("amounts", "wrong"),
    [
        pytest.param((1, 1, 0.01, 1), [2], id="a hundredth of its neighbours"),
        pytest.param((0.01, 0.01, 1, 0.01), [2], id="100 times its neighbours"),
        pytest.param((0.9, 0.05, 1, 0.012), [], id="a small rest, as ever"),
        pytest.param((1, 3, 0.5, 1), [], id="as the year goes"),
    ],
)
def test_a_dividend_beside_its_neighbours(amounts, wrong):
    days = [EX - QUARTER * back for back in range(3, -1, -1)]
    told = [dividend(amount=amount, ex_date=day) for amount, day in zip(amounts, days, strict=True)]
    assert held(*told) == [(days[place], "dividend_hundredfold") for place in wrong]


DAYS_BEFORE = [EX - QUARTER * back for back in range(4, 0, -1)]


@pytest.mark.parametrize(
    ("before", "amount", "is_held"),
    [
        pytest.param((1, 1, 1, 1), 0.0102, True, id="a hundredth, and raised by 2 %"),
        pytest.param((1, 1, 1, 1), 0.0098, True, id="lowered"),
        pytest.param((0.8, 0.9, 1.1, 1.2), 0.011, True, id="of a payer that raises"),
        pytest.param((1, 1, 1, 1), 0.02, False, id="a fiftieth"),
        pytest.param((1, 0.05, 1, 1), 0.011, False, id="of a payer with small rests"),
    ],
)
@pytest.mark.parametrize("source", ["yahoo", "alphavantage"])
def test_a_hundredth_of_what_is_usual_whatever_the_price_says(before, amount, is_held, source):
    paid = zip(before, DAYS_BEFORE, strict=True)
    stored = [dividend(amount=one, ex_date=day, source=source) for one, day in paid]
    expected = [(EX, "dividend_hundredfold")] if is_held else []
    assert held(dividend(amount=amount, ex_date=EX), stored=stored, fall=0.0) == expected
    if source == "yahoo":
        assert held(*stored, dividend(amount=amount, ex_date=EX), fall=0.0) == expected


def test_one_dividend_before_does_not_say_what_is_usual():
    stored = [dividend(amount=1, ex_date=EX - QUARTER)]
    assert held(dividend(amount=0.0104, ex_date=EX), stored=stored) == []


def test_a_hundredth_amid_dividends_that_are_told_with_it():
    days = [EX - QUARTER * back for back in range(4, -1, -1)]
    told = [dividend(amount=one, ex_date=day) for one, day in zip((1, 1.2, 0.011, 1, 1.3), days, strict=True)]
    assert held(*told) == [(days[2], "dividend_hundredfold")]


def test_a_payer_that_pays_a_hundredth_from_then_on_is_believed_of_a_first_fetch():
    days = [EX - QUARTER * back for back in range(5, -1, -1)]
    told = [dividend(amount=one, ex_date=day) for one, day in zip((1, 1, 1, 0.011, 0.012, 0.011), days, strict=True)]
    assert held(*told) == []


@pytest.mark.parametrize(
    ("old", "wrong"),
    [
        pytest.param((0.008, 0.009, 0.0095, 0.01), [0, 1, 2, 3], id="all of them"),
        pytest.param((0.9, 0.95, 0.0098, 0.01), [2, 3], id="the last years"),
        pytest.param((0.008, 0.009, 0.95, 1), [0, 1], id="the first years"),
        pytest.param((0.03, 0.032, 0.031, 0.03), [], id="of who paid a thirtieth then"),
        pytest.param((0.002, 0.002, 0.0021, 0.002), [], id="of who paid a five hundredth then"),
    ],
)
def test_old_years_that_are_told_in_hundredths_of_what_is_stored_of_later_ones(old, wrong):
    days = [EX - QUARTER * back for back in range(7, -1, -1)]
    stored = [dividend(amount=1, ex_date=day) for day in days[4:]]
    told = [dividend(amount=one, ex_date=day) for one, day in zip(old, days, strict=False)]
    expected = [(days[place], "dividend_hundredfold") for place in wrong]
    assert held(*told, stored=stored) == expected
    assert held(*told, *stored, stored=stored) == expected


@pytest.mark.parametrize(
    ("now", "hundredths"),
    [
        pytest.param(0.01, [0, 1, 2, 3], id="the stored one, too"),
        pytest.param(1, [], id="the stored one is as it was"),
        pytest.param(0.05, [], id="the stored one is a twentieth"),
    ],
)
def test_old_years_that_are_told_in_hundredths_with_the_only_one_that_is_stored(now, hundredths):
    days = [EX - QUARTER * back for back in range(4, -1, -1)]
    told = [dividend(amount=one, ex_date=day) for one, day in zip((0.008, 0.009, 0.0095, 0.01, now), days, strict=True)]
    expected = [(days[place], "dividend_hundredfold") for place in hundredths]
    found = held(*told, stored=[dividend(amount=1, ex_date=days[4])])
    assert [one for one in found if one[0] != days[4]] == expected


@pytest.mark.parametrize(("amount", "wrong"), [(5, True), (1, False)])
def test_a_dividend_in_the_units_of_before_a_split(amount, wrong):
    # Each of five new shares gets 1 after the split; 5 were paid on each old one.
    others = [dividend(amount=5, ex_date=EX - QUARTER), dividend(amount=1, ex_date=EX + dt.timedelta(9))]
    five = split(5, 1, ex_date=EX - dt.timedelta(2))
    found = held(*others, dividend(amount=amount, ex_date=EX), splits=[five])
    assert ((EX, "dividend_in_other_units") in found) is wrong


def test_a_dividend_told_again_days_later_is_held_where_the_price_fell_less():
    again = EX + dt.timedelta(1)
    before = dividend(amount=1, ex_date=EX - QUARTER)
    assert held(before, dividend(amount=3, ex_date=EX), dividend(amount=3, ex_date=again), fall=0.03) == [
        (again, "dividend_again")
    ]
    assert held(before, dividend(amount=3, ex_date=EX), dividend(amount=2, ex_date=again), fall=0.03) == []


def test_a_fund_that_pays_every_week_tells_each_once():
    weekly = [dividend(amount=0.2, ex_date=EX - dt.timedelta(7 * week)) for week in range(5)]
    assert held(*weekly) == []


def test_a_dividend_that_holds_the_gain_told_beside_it():
    gain = dividend(amount=6, ex_date=EX, kind="capital_gain")
    both = findings(dividend(amount=8, ex_date=EX), gain, fall=0.08)
    assert both.filter("held").select("rule", "value", "expected").rows() == [("dividend_includes_gain", "8", "2")]
    assert held(dividend(amount=8, ex_date=EX), gain, fall=0.14) == []


@pytest.mark.parametrize(
    ("adjusted", "is_held"),
    [
        pytest.param(0.02, [], id="adjusted for it"),
        pytest.param(0.0, [True], id="not adjusted for"),
        pytest.param(0.0002, [True], id="adjusted by a hundredth"),
        pytest.param(0.04, [True], id="adjusted twice"),
        pytest.param(0.022, [False], id="adjusted at another exchange rate"),
    ],
)
def test_a_dividend_beside_the_adjusted_close(adjusted, is_held):
    of = findings(dividend(amount=2, ex_date=EX), fall=0.02, adjusted=adjusted)
    assert of["held"].to_list() == is_held
    assert set(of["rule"]) <= {"dividend_unlike_adjustment"}


@pytest.mark.parametrize("days", [1, 5, 30])
def test_a_dividend_that_is_told_after_its_week_is_not_held_for_an_adjustment_of_another_day(days):
    values = [100 + day % 3 / 10 for day in range(60)]
    rows = [row | {"adj_close": row["close"]} for row in closes(*values)]
    paid = dividend(amount=2, ex_date=DAYS[-5] - dt.timedelta(days))
    late = screen(fetch(prices=rows[-5:], dividends=[paid]), known(prices=rows), today=DAY)
    assert late.is_empty()


@pytest.mark.parametrize(
    ("told", "also", "expected"),
    [
        pytest.param(DAYS[31], [], [(DAYS[31], "dividend_again")], id="a day later"),
        pytest.param(DAYS[31], [DAYS[30]], [], id="and on that day, too: they are two"),
        pytest.param(DAYS[35], [], [], id="a week later"),
        pytest.param(DAYS[30], [], [], id="on that day"),
    ],
)
def test_a_dividend_that_another_provider_has_told_of_a_day_near_by_is_one(told, also, expected):
    stored = dividend(amount=1, ex_date=DAYS[30], source="alphavantage")
    assert held(*(dividend(amount=1, ex_date=day) for day in (told, *also)), stored=[stored]) == expected


def test_dividends_of_a_series_in_other_units_wait_with_it():
    rows = closes(*[100 + day % 3 / 10 for day in range(60)])
    halved = [row | {"close": row["close"] / 1.1} for row in rows[-5:]]
    paid = [dividend(amount=1, ex_date=DAYS[20]), dividend(amount=2, ex_date=DAYS[30])]
    told = [paid[0], paid[1] | {"amount": 1.818182}]
    found = screen(fetch(prices=halved, dividends=told), known(prices=rows, dividends=paid), today=DAY)
    assert found.filter(table_name="dividend_history").select("date", "rule", "held").rows() == [
        (DAYS[30], "restated", True)
    ]


def test_an_adjustment_for_no_dividend_is_a_remark():
    assert findings(adjusted=0.02).select("date", "rule", "expected", "held").rows() == [
        (EX, "dividend_untold", "2.002", False)
    ]


@pytest.mark.parametrize(("amount", "expected"), [(1.1, []), (100, ["dividend_unlike_stored"])])
def test_a_dividend_beside_what_is_stored_of_it(amount, expected):
    stored = [dividend(amount=1, ex_date=EX)]
    found = held(dividend(amount=amount, ex_date=EX), stored=stored, fall=0.01)
    assert [rule for _, rule in found if rule == "dividend_unlike_stored"] == expected


@pytest.mark.parametrize(("currency", "expected"), [("GBP", [(EX, "dividend_small")]), ("USD", [])])
def test_a_dividend_of_hundredths_of_hundredths(currency, expected):
    assert held(dividend(amount=0.02, ex_date=EX, currency=currency), currency=currency) == expected


def yen(amount, **more):
    return dividend(**{"amount": amount, "ex_date": EX, "currency": "JPY"} | more)


def yen_at(per_eur, *, days_before=0):
    """Return what a euro is in dollars and in yen: at 1.10 and 165, a dollar is 150 yen."""
    day = EX - dt.timedelta(days_before)
    return [rate(1.10, date=day), rate(per_eur, date=day, currency="JPY")]


@pytest.mark.parametrize(
    ("amount", "fall", "expected"),
    [
        pytest.param(150, 0.01, [], id="1 % paid, 1 % gone"),
        pytest.param(3750, 0.24, [], id="a quarter paid out, and gone"),
        pytest.param(3750, 0.01, [(EX, "dividend_large")], id="a quarter that the price does not know"),
        pytest.param(2250, 0.0, [(EX, "dividend_not_in_price")], id="15 % that the price does not know"),
    ],
)
def test_a_dividend_in_another_currency_is_held_against_the_price_at_its_days_rate(amount, fall, expected):
    assert held(yen(amount), fall=fall, rates=yen_at(165)) == expected


def test_a_dividend_in_another_currency_is_said_in_both():
    (found,) = findings(yen(3750), fall=0.01, rates=yen_at(165)).to_dicts()
    assert found["value"] == "3750"
    assert found["reason"].startswith("3750 JPY (25 USD) is 25% of the close of 100.1")


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(7, [("dividend_large", True)], id="a week's holidays"),
        pytest.param(8, [("dividend_not_judged", False)], id="longer ago"),
        pytest.param(-1, [("dividend_not_judged", False)], id="only later"),
    ],
)
def test_which_days_rate_counts(age, expected):
    found = findings(yen(3750), fall=0.01, rates=yen_at(165, days_before=age))
    assert found.select("rule", "held").rows() == expected


def test_what_cannot_be_judged_is_said_with_the_rates_that_lack():
    (found,) = findings(yen(500), rates=yen_at(165)[:1]).to_dicts()
    assert (found["rule"], found["held"], found["value"]) == ("dividend_not_judged", False, "500")
    assert found["reason"] == (f"500 JPY cannot be held against prices in USD: no rate of JPY in 7 days up to {EX}")


def test_the_euro_needs_no_rate():
    euros = dividend(amount=25, ex_date=EX, currency="EUR")
    assert held(euros, fall=0.01, rates=[rate(1.10, date=EX)]) == [(EX, "dividend_large")]


@pytest.mark.parametrize(
    ("amounts", "wrong"),
    [
        pytest.param((150, 150, 1.5, 150), [2], id="a hundredth of its neighbours"),
        pytest.param((150, 150, 150, 150), [], id="as ever"),
    ],
)
def test_a_dividend_in_another_currency_beside_its_neighbours(amounts, wrong):
    days = [EX - QUARTER * back for back in range(3, -1, -1)]
    told = [yen(amount, ex_date=day) for amount, day in zip(amounts, days, strict=True)]
    assert held(*told) == [(days[place], "dividend_hundredfold") for place in wrong]


def test_a_company_that_changes_the_currency_of_its_dividends_pays_no_hundredth():
    days = [EX - QUARTER * back for back in range(3, -1, -1)]
    rates = [row | {"date": day} for day in days for row in yen_at(165)]
    in_dollars = [dividend(amount=1, ex_date=day) for day in days[2:]]
    assert held(yen(150, ex_date=days[0]), yen(150, ex_date=days[1]), *in_dollars, fall=0.01, rates=rates) == []
    hundredth = dividend(amount="0.01", ex_date=days[2])
    told = [yen(150, ex_date=days[0]), yen(150, ex_date=days[1]), hundredth, yen(150)]
    assert held(*told, rates=rates) == [(days[2], "dividend_hundredfold")]


def test_a_dividend_told_again_in_another_currency_is_one():
    again = EX + dt.timedelta(1)
    rates = [row | {"date": day} for day in (EX, again) for row in yen_at(165)]
    told = [dividend(amount=3, ex_date=EX - QUARTER), dividend(amount=3, ex_date=EX), yen(450, ex_date=again)]
    assert held(*told, fall=0.03, rates=rates) == [(again, "dividend_again")]


def test_a_dividend_told_in_another_currency_than_it_is_stored_in():
    rates, stored = yen_at(165), [dividend(amount=1, ex_date=EX)]
    assert held(yen(150), stored=stored, fall=0.01, rates=rates) == []
    assert (EX, "dividend_unlike_stored") in held(yen(300), stored=stored, fall=0.01, rates=rates)
