"""What a provider tells beside closes that are in other units, or of another instrument: none of it gets in."""

from decimal import Decimal

import pytest

from tests.integration.market.nights import DAYS, NIGHT, split_tonight
from warehouse.schema import market

D = Decimal
PAID = DAYS[NIGHT - 8]


@pytest.fixture
def payer(acme, said):
    """Return the market after a night with a dividend of a half."""
    said.dividends[PAID] = 0.5
    acme.night()
    return acme


def dividends(market_of):
    return dict(market_of.stored(market.DIVIDEND_HISTORY).select("ex_date", "amount").iter_rows())


def splits(market_of):
    return market_of.stored(market.SPLIT_HISTORY)["ex_date"].to_list()


def waiting(admission, table):
    return set(admission.held.filter(table_name=table.name)["rule"])


@pytest.mark.parametrize("times", [1.2, 1.7, 0.5])
def test_dividends_and_splits_of_another_instrument_do_not_enter(payer, said, times):
    true, paid = dict(said.traded), dict(said.dividends)
    said.traded = {day: price * (times + 0.04 * (number % 3)) for number, (day, price) in enumerate(true.items())}
    said.dividends = {DAYS[NIGHT - 4]: 0.9, DAYS[NIGHT + 2]: 0.8}
    said.splits = {DAYS[NIGHT - 3]: 1.05}
    for _ in range(3):
        found = payer.night()
        assert waiting(found, market.DIVIDEND_HISTORY) == waiting(found, market.SPLIT_HISTORY) == {"another_series"}
        assert (dividends(payer), splits(payer)) == ({PAID: D("0.5")}, [])
    said.traded, said.dividends, said.splits = true, paid, {}
    payer.night()
    assert (dividends(payer), splits(payer), set(payer.states().values())) == ({PAID: D("0.5")}, [], {"resolved"})


@pytest.mark.parametrize("new", [1.05, 1.15, 0.9])
def test_a_dividend_divided_with_closes_for_a_split_that_is_told_later_stays_as_declared(payer, said, new):
    ex_date = split_tonight(said, new)
    payer.night()
    said.restate(new, before=ex_date)
    said.dividends[PAID] = round(0.5 / new, 6)
    for _ in range(2):
        assert waiting(payer.night(), market.DIVIDEND_HISTORY) == {"another_series"}
        assert dividends(payer) == {PAID: D("0.5")}
    said.splits[ex_date] = new
    payer.night()
    assert (dividends(payer), splits(payer), set(payer.states().values())) == (
        {PAID: D("0.5")},
        [ex_date],
        {"resolved"},
    )


@pytest.mark.parametrize("new", [1.02, 1.1, 0.9])
def test_a_dividend_that_is_not_divided_for_a_small_split_stays_as_declared(payer, said, new):
    ex_date = split_tonight(said, new)
    said.restate(new, before=ex_date)
    said.splits[ex_date] = new
    for _ in range(2):
        [row] = payer.night().held.iter_rows(named=True)
        assert (row["rule"], f"not divided for the split of {ex_date}" in row["reason"]) == (
            "dividend_unlike_stored",
            True,
        )
    said.dividends[PAID] = round(0.5 / new, 6)
    payer.night()
    assert (dividends(payer), payer.revisions(), set(payer.states().values())) == ({PAID: D("0.5")}, 0, {"resolved"})


def test_a_dividend_that_was_taken_divided_comes_right_with_its_split(payer, said):
    said.dividends[PAID] = 0.476190  # a day before its closes and its split
    payer.night()
    ex_date = split_tonight(said, 1.05)
    said.restate(1.05, before=ex_date)
    said.splits[ex_date] = 1.05
    payer.night()
    assert round(dividends(payer)[PAID], 5) == D("0.5")


@pytest.mark.parametrize("new", [1.05, 1.1])
def test_the_oldest_closes_that_are_asked_for_stay_where_a_split_is_told_weeks_late(acme, said, new):
    ex_date = split_tonight(said, new)
    for _ in range(4):
        acme.night()
    before = acme.closes()
    said.restate(new, before=ex_date)
    for _ in range(3):
        found = acme.night().held
        assert set(found["rule"]) == {"retold"}
        assert "as for a split that nobody tells" in found["reason"][0]
    said.splits[ex_date] = new
    acme.night()
    assert {day: acme.closes()[day] for day in before} == before
    assert (splits(acme), acme.revisions(), set(acme.states().values())) == ([ex_date], 0, {"resolved"})


def test_a_dividend_of_the_ex_date_of_a_split_waits_with_the_closes_before_it(acme, said):
    ex_date = split_tonight(said, 2)
    said.splits[ex_date], said.dividends[ex_date] = 2, 0.3
    assert waiting(acme.night(), market.DIVIDEND_HISTORY) == {"restated"}
    assert dividends(acme) == {}
    said.restate(2, before=ex_date)
    said.dividends[ex_date] = 0.15
    acme.night()
    assert dividends(acme) == {ex_date: D("0.3")}


def test_a_dividend_that_is_told_no_more_stays_and_is_said(acme, said):
    ex_date = DAYS[NIGHT]
    said.dividends[ex_date] = 0.7
    acme.night()
    said.dividends.clear()
    remarks = acme.night().remarks
    assert remarks.select("rule", "date").rows() == [("dividend_withdrawn", ex_date)]
    assert dividends(acme) == {ex_date: D("0.7")}


def test_a_split_that_its_provider_divides_for_and_tells_no_more_stays_and_is_said(acme, said):
    """It may never have been: who tells one with the first days has them stored times its ratio."""
    ex_date = split_tonight(said, 4)
    said.splits[ex_date] = 4
    said.restate(4, before=ex_date)
    acme.night()
    before = acme.closes()
    said.splits.clear()
    admission = acme.night()
    assert admission.held.is_empty()
    assert admission.remarks.select("rule", "date", "value").rows() == [("split_untold", ex_date, "4")]
    assert splits(acme) == [ex_date]
    assert {day: acme.closes()[day] for day in before} == before
    said.splits[ex_date] = 4
    assert acme.night().remarks.is_empty()
