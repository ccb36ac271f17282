"""Income received, expected and to come, in cases a reader can do in the head (CALCULATIONS 8)."""

import datetime as dt

import pytest
from statements import D, accounts, day, decisions, view

from pipelines.portfolio.dividends import Periodicity, periodicity
from pipelines.portfolio.models import plain

BUY = "2020-01-02 BUY ACME 10 @ 100"
PRICES = "ACME 2020-01-02 100"
QUARTERS = """
ACME 2020-02-10 2020-03-01 1
ACME 2020-05-10 2020-06-01 1
ACME 2020-08-10 2020-09-01 1
ACME 2020-11-10 2020-12-01 1
"""


def expected(ledger=BUY, declared="ACME 2020-02-10 2020-03-01 1.5", as_of="2020-06-01", **options):
    return view(ledger, PRICES, as_of=as_of, declared=declared, **options).income.expected


def test_a_dividend_is_due_on_the_units_held_at_the_close_before_its_ex_date():
    (row,) = expected("2020-02-09 BUY ACME 10 @ 100\n2020-02-10 BUY ACME 5 @ 100")
    assert (row.quantity, row.amount_per_share, row.gross_local, row.gross_base) == (10, D("1.5"), 15, 15)
    assert (row.ex_date, row.pay_date, row.state) == (day("2020-02-10"), day("2020-03-01"), "expected")


def test_nothing_is_due_on_units_bought_on_the_ex_date_or_sold_before_it():
    assert expected("2020-02-10 BUY ACME 10 @ 100") == []
    assert expected(f"{BUY}\n2020-02-09 SELL ACME 10 @ 100") == []


def test_a_split_on_the_ex_date_comes_after_the_close_that_counts():
    (row,) = expected(ratios="ACME 2020-02-10 2:1")
    assert row.quantity == 10


def test_each_account_expects_its_own():
    ledger = f"{BUY}\n2020-01-02 BUY ACME 4 @ 100 account=B"
    assert [(row.account, row.gross_local) for row in expected(ledger)] == [("A", 15), ("B", 6)]


@pytest.mark.parametrize(
    ("paid", "confirms"),
    [
        ("2020-03-01 DIVIDEND ACME 15", True),
        ("2020-03-26 DIVIDEND ACME 15", True),  # 45 days after
        ("2020-03-27 DIVIDEND ACME 15", False),
        ("2020-02-09 DIVIDEND ACME 15", False),  # before the ex-date
        ("2020-03-01 DIVIDEND ACME 12.75", True),  # 15 % less
        ("2020-03-01 DIVIDEND ACME 12.74", False),
        ("2020-03-01 DIVIDEND ACME 17.25 tax=5", True),  # the gross is what counts
        ("2020-03-01 DIVIDEND BOLT 15", False),
        ("2020-03-01 DIVIDEND ACME 15 account=B", True),  # booked where the money went
    ],
)
def test_a_dividend_of_the_ledger_confirms_what_it_is_near(paid, confirms):
    assert (expected(f"{BUY}\n{paid}") == []) is confirms


def test_one_payment_confirms_one_expectation():
    twice = "ACME 2020-02-10 2020-03-01 1.5\nACME 2020-02-20 2020-03-01 1.5"
    rows = expected(f"{BUY}\n2020-03-01 DIVIDEND ACME 15", twice)
    assert [row.ex_date for row in rows] == [day("2020-02-20")]


def test_a_payment_in_another_currency_is_compared_at_its_days_rate():
    ledger = f"{BUY}\n2020-03-01 DIVIDEND ACME 10"
    assert expected(ledger, "ACME 2020-02-10 2020-03-01 2 USD", rates="EUR/USD 2020-01-01 2") == []


@pytest.mark.parametrize("state", ["rejected", "confirmed"])
def test_what_was_decided_about_is_expected_no_more(state):
    assert expected(decided=decisions(("A", "ACME", "2020-02-10", state))) == []


def test_an_expectation_enters_no_value_and_no_return():
    plain = view(BUY, PRICES, as_of="2020-06-01")
    due = view(BUY, PRICES, as_of="2020-06-01", declared=QUARTERS)
    assert due.summary == plain.summary
    assert due.income.totals.gross_base == 0
    assert due.income.totals.expected_base == 20


def test_the_last_year_comes_again_and_growth_is_none():
    shown = view(BUY, PRICES, as_of="2020-12-31", declared=QUARTERS).income
    assert [row.ex_date for row in shown.projected] == [
        dt.date(2021, 2, 9),  # 2020 had a 29 February
        dt.date(2021, 5, 10),
        dt.date(2021, 8, 10),
        dt.date(2021, 11, 10),
    ]
    assert {row.basis for row in shown.projected} == {"projected"}
    assert shown.totals.projected_base == 40
    assert shown.by_symbol[0].forward_yield == pytest.approx(0.04)


def test_what_is_declared_takes_the_place_of_last_years():
    shown = view(BUY, PRICES, as_of="2020-12-31", declared=f"{QUARTERS.strip()}\nACME 2021-02-20 2021-03-10 1.2").income
    assert [(row.basis, row.gross_local) for row in shown.projected] == [
        ("declared", 12),
        ("projected", 10),
        ("projected", 10),
        ("projected", 10),
    ]


def test_last_years_amounts_are_told_a_share_as_of_now():
    shown = view(BUY, PRICES, as_of="2020-12-31", declared=QUARTERS, ratios="ACME 2020-09-01 2:1").income
    assert [(row.amount_per_share, row.quantity) for row in shown.projected] == [
        (D("0.5"), 20),
        (D("0.5"), 20),
        (D("0.5"), 20),
        (1, 20),
    ]


@pytest.mark.parametrize(
    ("declared", "ahead"),
    [
        pytest.param(
            "ACME 2020-08-10 2020-09-10 1\nACME 2020-11-10 2020-12-10 1.5",
            [("2021-02-10", "1.5"), ("2021-05-10", "1.5"), ("2021-08-10", "1"), ("2021-11-10", "1.5")],
            id="a quarterly payer that has just begun",
        ),
        pytest.param(
            "ACME 2019-08-10 2019-09-10 1\nACME 2019-11-10 2019-12-10 1\n"
            "ACME 2020-02-10 2020-03-10 1\nACME 2020-05-10 2020-06-10 1\nACME 2020-06-20 2020-07-10 9\n"
            "ACME 2020-08-10 2020-09-10 1\nACME 2020-11-10 2020-12-10 1",
            [("2021-02-09", "1"), ("2021-05-10", "1"), ("2021-08-10", "1"), ("2021-11-10", "1")],
            id="a special one is not repeated",
        ),
        pytest.param(
            "ACME 2020-01-02 2020-01-10 1\nACME 2020-12-31 2021-01-10 2",
            [("2021-12-31", "2")],
            id="an annual one that came twice in a year",
        ),
        pytest.param(
            "ACME 2019-12-20 2020-01-10 1\nACME 2020-03-20 2020-04-10 1\nACME 2020-06-20 2020-07-10 1\n"
            "ACME 2020-12-21 2021-01-10 1",
            [("2021-03-22", "1"), ("2021-06-21", "1"), ("2021-09-21", "1"), ("2021-12-21", "1")],
            id="one was left out",
        ),
        pytest.param(
            "ACME 2020-03-10 2020-04-10 1\nACME 2020-03-20 2020-04-10 2",
            [("2021-03-10", "1"), ("2021-03-22", "2")],
            id="no frequency: as it was",
        ),
    ],
)
def test_what_is_to_come_has_the_frequency_of_what_came(declared, ahead):
    shown = view(BUY, PRICES, as_of="2020-12-31", declared=declared).income
    assert [(str(row.ex_date), plain(row.amount_per_share)) for row in shown.projected] == ahead


def test_nothing_is_projected_for_a_weekend():
    """A year after these Fridays are Saturdays."""
    shown = view(BUY, PRICES, as_of="2020-12-31", declared="ACME 2020-06-12 2020-06-19 1").income
    assert [(str(row.ex_date), str(row.pay_date)) for row in shown.projected] == [("2021-06-14", "2021-06-21")]


def test_what_is_sold_pays_no_more():
    assert (
        view(f"{BUY}\n2020-12-01 SELL ACME 10 @ 1", PRICES, as_of="2020-12-31", declared=QUARTERS).income.projected
        == []
    )


@pytest.mark.parametrize(
    ("days", "name"),
    [
        ([], Periodicity.NONE),
        (["2020-01-15"], Periodicity.INDEFINITE),
        (["2020-01-15", "2020-02-14", "2020-03-16"], Periodicity.MONTHLY),
        (["2020-01-15", "2020-04-15", "2020-07-15"], Periodicity.QUARTERLY),
        (["2020-01-15", "2020-07-15"], Periodicity.SEMIANNUAL),
        (["2015-01-15", "2016-01-15", "2018-01-15", "2019-01-15"], Periodicity.ANNUAL),  # a year left out
        (["2020-01-15", "2020-01-20", "2024-01-15", "2029-01-15"], Periodicity.IRREGULAR),
    ],
)
def test_how_often_a_symbol_pays(days, name):
    assert periodicity(map(day, days)) is name


def test_the_average_annual_yield_is_each_years_payments_on_the_cost_they_were_paid_on():
    ledger = """
    2019-01-14 BUY ACME 10 @ 1
    2019-01-15 DIVIDEND ACME 1
    2020-01-10 SELL ACME 5 @ 1
    2020-01-15 DIVIDEND ACME 1
    """
    (row,) = view(ledger, PRICES, as_of="2020-06-01").income.by_symbol
    assert row.average_annual_yield == pytest.approx((0.1 + 0.2) / 2)
    assert (row.events, row.periodicity) == (2, "ANNUAL")


def test_withholding_is_the_tax_of_the_dividend():
    rules = accounts(("A", "EUR", True, False))
    shown = view(f"{BUY}\n2020-03-01 DIVIDEND ACME 15 tax=4", PRICES, as_of="2020-06-01", rules=rules)
    (row,) = shown.income.received
    assert (row.gross_base, row.tax_base, row.net_base) == (15, 4, 11)


PAID = "\n".join(f"2020-{month:02}-12 DIVIDEND ACME 10" for month in (2, 5, 8, 11))


@pytest.mark.parametrize(("since", "gross", "received", "earlier"), [(None, 40, 4, 0), ("2020-09-30", 10, 1, 3)])
def test_what_a_symbol_pays_a_year_does_not_begin_with_the_period(since, gross, received, earlier):
    shown = view(f"{BUY}\n{PAID}", PRICES, as_of="2020-12-31", since=since, declared=QUARTERS).income
    (row,) = shown.by_symbol
    assert (row.events, row.periodicity) == (4, "QUARTERLY")
    assert (row.trailing_yield, row.yield_on_cost, row.average_annual_yield) == pytest.approx((0.04, 0.04, 0.04))
    assert (row.gross_base, shown.totals.gross_base, len(shown.by_month)) == (gross, gross, received)
    assert (len(shown.received), len(shown.earlier)) == (received, earlier)


def test_what_paid_before_the_period_and_is_held_no_more_is_not_of_the_period():
    ledger = f"{BUY}\n2020-02-12 DIVIDEND ACME 10\n2020-03-02 SELL ACME 10 @ 100"
    assert view(ledger, PRICES, as_of="2020-12-31", since="2020-09-30").income.by_symbol == []


@pytest.mark.parametrize("since", [None, "2020-01-31"])
def test_a_payment_confirms_the_expectation_before_the_period_that_it_is_of(since):
    declared = "ACME 2020-01-25 2020-02-26 1\nACME 2020-02-25 2020-03-26 1"
    rows = expected(f"{BUY}\n2020-02-26 DIVIDEND ACME 10", declared, as_of="2020-02-28", since=since)
    assert [row.ex_date for row in rows] == [day("2020-02-25")]


def test_payments_that_come_late_one_after_the_other_confirm_from_before_the_period_on():
    monthly = [f"2020-{month:02}-10" for month in (2, 3, 4)]
    declared = "\n".join(f"ACME {on} {on} 1" for on in monthly)
    paid = "2020-03-11 DIVIDEND ACME 10\n2020-04-11 DIVIDEND ACME 10"  # those of February and March
    rows = expected(f"{BUY}\n{paid}", declared, as_of="2020-04-20", since="2020-04-01")
    assert [row.ex_date for row in rows] == [day("2020-04-10")]


@pytest.mark.parametrize(("account", "due"), [(None, ["B"]), ("A", []), ("B", ["B"]), ("C", [])])
def test_one_account_expects_what_the_whole_ledger_has_not_confirmed(account, due):
    ledger = f"{BUY}\n{BUY} account=B\n2020-03-01 DIVIDEND ACME 15 account=C"
    assert [row.account for row in expected(ledger, account=account)] == due
