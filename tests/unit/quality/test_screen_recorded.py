"""Real errors are held, each beside its repaired twin; real crashes, rises and odd dividends of sound series are not."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from pipelines.quality.screens import screen
from pipelines.sources.ecb import read_table
from tests.benchmarks import faults, screens
from tests.places import RECORDED
from tests.unit.quality.fetches import fetch, known

pytestmark = pytest.mark.recorded

WEEKLY = "AV-L-1wk-bad-stock-split"
"""Bars of weeks, which no source takes: pays out and consolidates in one of them, and its twin misses that."""
UNREPAIRED = {
    "CLC-L-1d-bad-div": 6,
    "LSC-L-1d-bad-div": 110,
    "NVT-L-1d-bad-div": 35,
    "SAND-1d-bad-div": 1,
    "VWILX-1d-cg-double-count": 2,
}
"""Rows that are wrong in the repaired twin, too: prices in pence; a dividend adjusted for twice; gains told twice."""


@pytest.fixture(scope="module")
def caught():
    return {one.name: one for one in screens.caught(screens.TABLES) if one.name != WEEKLY}


@pytest.mark.parametrize("kind", ["dividend", "split"])
def test_every_row_that_a_twin_repairs_is_held(caught, kind):
    of_kind = [one for one in caught.values() if one.kind == kind]
    assert of_kind
    assert {one.name for one in of_kind if one.held < one.wrong} == set()
    assert {one.name for one in of_kind if not one.wrong} == set()


def test_no_other_row_is_held(caught):
    assert {one.name: one.beside for one in caught.values() if one.beside} == {}
    assert {one.name: one.in_twin for one in caught.values() if one.in_twin} == UNREPAIRED


def test_sound_tables_are_not_touched():
    assert screens.held_rows(screens.sound_tables(screens.TABLES)).is_empty()


def test_sound_series_of_many_symbols_are_not_touched():
    found = pl.concat([screens.bulk(name) for name in ("us20_daily_2010-2024_adjusted", "lean_fx_crypto_daily")])
    assert found.filter("held").is_empty()
    assert ("AMD", dt.date(2016, 4, 22), "jump") in found.select("about", "date", "rule").rows()


def test_known_bad_stretches_are_held():
    held = screens.bulk("multi_asset_daily").filter("held", table_name="price_history")
    stretches = {
        about: (first, last, rows)
        for about, first, last, rows in held.group_by("about")
        .agg(first=pl.col("date").min(), last=pl.col("date").max(), rows=pl.col("date").n_unique())
        .rows()
    }
    assert stretches == {
        "ASML.AS": (dt.date(1998, 7, 20), dt.date(1999, 12, 31), 380),
        "MC.PA": (dt.date(2000, 3, 13), dt.date(2000, 6, 19), 8),
        "NOVO-B.CO": (dt.date(2001, 4, 4), dt.date(2010, 5, 14), 140),
        "SCR.TO": (dt.date(2022, 1, 4), dt.date(2023, 10, 4), 441),
        "SHEL.L": (dt.date(1996, 8, 29), dt.date(2019, 11, 13), 2318),
        "SSNLF": (dt.date(2001, 8, 6), dt.date(2009, 10, 22), 16),
    }


@pytest.fixture(scope="module")
def rates():
    """Return what a euro was on each day since 1999, as the ECB told it."""
    return read_table((RECORDED / "ecb" / "eurofxref-hist.zip").read_bytes()).with_columns(source=pl.lit("ecb"))


@pytest.fixture(scope="module")
def dollars(rates):
    """Return what a euro was in dollars on each of these days."""
    return rates.filter(currency="USD").to_dicts()


def test_no_rate_of_the_ecb_leaps_though_currencies_were_devalued_by_more_than_half(rates):
    told = replace(fetch(), rates=rates)
    assert screen(told, known(), today=rates["date"].max()).filter("held").is_empty()


def test_no_day_of_the_dollar_is_upside_down_though_it_has_gone_through_one(dollars):
    of = screen(fetch(rates=dollars), known(), today=dollars[-1]["date"])
    assert of.filter("held").is_empty()


@pytest.mark.parametrize("month", [dt.date(2000, 2, 1), dt.date(2002, 6, 1), dt.date(2022, 10, 1), dt.date(2024, 3, 1)])
def test_a_month_of_the_dollar_upside_down_is_held(dollars, month):
    before = [row for row in dollars if month - dt.timedelta(100) <= row["date"] < month]
    later = [row for row in dollars if month <= row["date"] < month + dt.timedelta(30)]
    told = [row | {"per_eur": round(1 / row["per_eur"], 4)} for row in (*before[-5:], *later)]
    of = screen(fetch(rates=told), known(rates=before), today=later[-1]["date"]).filter("held")
    assert {row["date"] for row in later} <= set(of["date"])


def test_real_splits_enter_and_are_never_taken_back():
    real = faults.real_splits("demo_2015-2025_daily")
    for stored in (False, True):
        assert real.held(real.since, stored=stored) == faults.Held(faults=6, found=0, others=0)


@pytest.fixture(scope="module")
def made_up():
    return faults.made_up_splits()


@pytest.mark.parametrize("stored", [False, True], ids=["new", "stored"])
def test_made_up_splits_of_real_series_are_held_or_taken_back_unless_they_happened(made_up, stored):
    """Of 928, five of 5:4 or 3:2 fell as much on a day of March 2020 or the like; of 4,600 prices, two did so beside."""
    assert made_up.held(made_up.since, stored=stored) == faults.Held(faults=928, found=0, others=2)
    assert made_up.held(made_up.whole, stored=stored, undone=True) == faults.Held(faults=928, found=923, others=2)


def test_of_first_fetches_in_two_units_what_is_wrong_is_held_and_nothing_else():
    for held in (faults.hundredfold_ends(), faults.hundredfold_days()):
        assert (held.found, held.others) == (held.faults, 0)
