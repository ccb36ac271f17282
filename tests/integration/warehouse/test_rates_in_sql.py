"""Rates of exchange for people who ask in SQL: the last fixing on or before a day, and of which day it is."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from warehouse.migrate import migrate

FIXED = [("USD", "2026-01-02", "1.25"), ("USD", "2026-01-05", "1.20"), ("GBP", "2026-01-02", "0.80")]
SUNDAY = dt.date(2026, 1, 4)


@pytest.fixture(scope="module")
def asked():
    connection = duckdb.connect(":memory:")
    migrate(connection)
    for currency, day, per_eur in FIXED:
        connection.execute(
            "INSERT INTO fx_history BY NAME SELECT ? AS currency, ?::DATE AS date, ?::DECIMAL(20, 10) AS per_eur, "
            "'ecb' AS source, now() AS fetched_at, now() AS known_from, false AS bulk_loaded",
            [currency, day, per_eur],
        )
    yield lambda src, dst, day: connection.execute(
        "SELECT fx_rate($src, $dst, $day)::DECIMAL(20, 10), fx_rate_date($src, $dst, $day)",
        {"src": src, "dst": dst, "day": day},
    ).fetchone()
    connection.close()


@pytest.mark.parametrize(
    ("src", "dst", "day", "rate", "of"),
    [
        ("USD", "EUR", SUNDAY, "0.8", "2026-01-02"),
        ("EUR", "USD", dt.date(2026, 2, 1), "1.2", "2026-01-05"),
        ("GBP", "USD", dt.date(2026, 1, 5), "1.5", "2026-01-02"),  # 1.20 of the 5th / 0.80 of the 2nd: the older one
        ("EUR", "EUR", SUNDAY, "1", "2026-01-04"),
        ("JPY", "JPY", SUNDAY, "1", "2026-01-04"),
    ],
)
def test_a_rate_says_of_which_day_it_is(asked, src, dst, day, rate, of):
    assert asked(src, dst, day) == (Decimal(rate), dt.date.fromisoformat(of))


@pytest.mark.parametrize(("src", "dst"), [("USD", "JPY"), ("JPY", "USD"), ("JPY", "EUR")])
def test_without_a_fixing_there_is_neither_rate_nor_day(asked, src, dst):
    assert asked(src, dst, SUNDAY) == (None, None)


def test_before_the_first_fixing_there_is_neither(asked):
    assert asked("USD", "EUR", dt.date(2026, 1, 1)) == (None, None)
