"""Dividends that are too large, too small, told twice or contradicted are found, and odd ones are not."""

import datetime as dt

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, closes, dividend, fetch, known, split, weekdays

DAYS = weekdays(60)
EX = DAYS[-10]
QUARTER = dt.timedelta(91)


def findings(*dividends, fall=0.0, splits=(), stored=(), adjusted=None, **more):
    """Return what is found of a calm series that falls by ``fall`` on the ex-date, and of its dividends."""
    values = [round((100 + day % 3 / 10) * (1 - fall if DAYS[day] >= EX else 1), 4) for day in range(60)]
    rows = closes(*values, low=None, volume=1000, **more)
    rows = [row | {"low": row["close"], "high": row["close"], "open": row["close"]} for row in rows]
    if adjusted is not None:
        rows = [row | {"adj_close": row["close"] * (1 - adjusted if row["date"] < EX else 1)} for row in rows]
    of = fetch(prices=rows, dividends=dividends, splits=splits)
    return screen(of, known(dividends=stored), today=DAY).filter(table_name="dividend_history")


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


@pytest.mark.parametrize(
    ("amounts", "wrong"),
    [
        pytest.param((1, 1, 0.01, 1), [2], id="a hundredth of its neighbours"),
        pytest.param((0.01, 0.01, 1, 0.01), [2], id="100 times its neighbours"),
        pytest.param((1, 0.9, 0.012, 1.1), [], id="a small rest"),
        pytest.param((1, 3, 0.5, 1), [], id="as the year goes"),
    ],
)
def test_a_dividend_beside_its_neighbours(amounts, wrong):
    days = [EX - QUARTER * back for back in range(3, -1, -1)]
    told = [dividend(amount=amount, ex_date=day) for amount, day in zip(amounts, days, strict=True)]
    assert held(*told) == [(days[place], "dividend_hundredfold") for place in wrong]


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


def test_a_dividend_in_another_currency_than_the_price_is_not_compared():
    assert held(dividend(amount=500, ex_date=EX, currency="JPY"), adjusted=0.03) == []
