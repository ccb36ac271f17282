"""The first fetch of an instrument that has split: what its provider divides, and what it does not yet."""

from decimal import Decimal

import pytest

from tests.integration.market.nights import DAYS, NIGHT, split_tonight
from warehouse.schema import market

D = Decimal
EX_DATE, PAID = DAYS[NIGHT - 3], DAYS[NIGHT - 8]


@pytest.fixture
def halved(said):
    """Return what Yahoo says of a split of 2 for 1 some days ago, and of a dividend of 0.4 before it."""
    said.traded |= {day: price / 2 for day, price in said.traded.items() if day >= EX_DATE}
    said.splits[EX_DATE] = 2
    return said


def dividends(market_of):
    return dict(market_of.stored(market.DIVIDEND_HISTORY).select("ex_date", "amount").iter_rows())


def as_traded(said):
    return {day: D(str(said.traded[day])) for day in DAYS if day <= said.last}


@pytest.mark.parametrize("day", [PAID, DAYS[NIGHT - 4], EX_DATE])
def test_dividends_wait_with_closes_that_are_not_divided_yet(unseen, halved, day):
    halved.dividends[day] = 0.4
    held = unseen.night(halved.last).held
    assert set(held.select("table_name", "rule").unique().iter_rows()) == {
        ("price_history", "split_not_undone"),
        ("dividend_history", "split_not_undone"),
    }
    assert dividends(unseen) == {}
    halved.restate(2, before=EX_DATE)
    halved.dividends[day] = 0.2
    unseen.night()
    assert (dividends(unseen), unseen.closes(), set(unseen.states().values())) == (
        {day: D("0.4")},
        as_traded(halved),
        {"resolved"},
    )


def test_a_dividend_since_the_split_does_not_wait(unseen, halved):
    halved.dividends[DAYS[NIGHT - 2]] = 0.2
    unseen.night(halved.last)
    assert dividends(unseen) == {DAYS[NIGHT - 2]: D("0.2")}


@pytest.mark.parametrize("new", [1.05, 2])
@pytest.mark.parametrize("before", [0, 1, 6])
def test_dividends_that_were_not_divided_with_their_closes_come_right(acme, said, new, before):
    ex_date = split_tonight(said, new)
    day = DAYS[DAYS.index(ex_date) - before]
    said.splits[ex_date] = new
    said.restate(new, before=ex_date)
    said.dividends[day] = 0.4
    acme.night()
    assert dividends(acme) == {day: D(str(round(0.4 * new, 6)))}
    said.dividends[day] = round(0.4 / new, 6)
    acme.night()
    assert ({day: round(paid, 5) for day, paid in dividends(acme).items()}, acme.states()) == ({day: D("0.4")}, {})


def test_a_split_that_is_told_after_the_first_fetch_puts_it_right_once_it_is_released(unseen, halved):
    halved.splits.clear()
    halved.restate(2, before=EX_DATE)
    halved.dividends[PAID] = 0.2
    unseen.night(halved.last)
    halved.splits[EX_DATE] = 2
    for _ in range(2):
        assert "split_unlike_prices" in set(unseen.night().held["rule"])
    waiting = unseen.ops.quarantine().open_rows().filter(table_name="split_history").to_dicts()
    unseen.ledger.market().release("me", waiting, reason="the exchange says so")
    for _ in range(2):
        unseen.night()
    assert unseen.stored(market.SPLIT_HISTORY)["ex_date"].to_list() == [EX_DATE]
    assert (unseen.closes(), dividends(unseen)) == (as_traded(halved), {PAID: D("0.4")})
    assert "open" not in unseen.states().values()


def test_a_split_of_which_nothing_shows_in_stored_closes_moves_none_of_them_until_somebody_says_so(unseen, halved):
    halved.splits.clear()
    halved.restate(2, before=EX_DATE)
    unseen.night(halved.last)
    before = unseen.closes()
    halved.splits[EX_DATE] = 2
    for _ in range(3):
        unseen.night()
    assert {day: unseen.closes()[day] for day in before} == before
    assert unseen.stored(market.SPLIT_HISTORY).is_empty()


@pytest.mark.parametrize("night_divided", [1, 3, 6])
def test_closes_that_were_not_divided_for_a_small_split_yet_come_right(unseen, said, night_divided):
    new = 1.05
    said.traded |= {day: price / new for day, price in said.traded.items() if day >= EX_DATE}
    said.splits[EX_DATE] = new
    unseen.night(said.last)
    assert unseen.closes()[PAID] == D(str(round(said.traded[PAID] * new, 6)))
    for _ in range(night_divided):
        unseen.night()
    said.restate(new, before=EX_DATE)
    for _ in range(2):
        unseen.night()
    assert {day: round(float(close), 4) for day, close in unseen.closes().items()} == {
        day: round(float(close), 4) for day, close in as_traded(said).items()
    }
    assert "open" not in unseen.states().values()


def test_a_dividend_waits_while_a_step_of_its_day_may_be_a_split_that_is_told_later(acme, said):
    ex_date = split_tonight(said, 2)
    said.dividends[ex_date] = 0.2  # of 0.4, divided a night before closes are
    assert ("dividend_history", "untold_split") in set(acme.night().held.select("table_name", "rule").iter_rows())
    said.restate(2, before=ex_date)
    said.splits[ex_date] = 2
    acme.night()
    assert (dividends(acme), acme.revisions()) == ({ex_date: D("0.4")}, 0)


def test_a_dividend_that_was_stored_divided_before_its_small_split_was_told_comes_right_in_ten_days(acme, said):
    ex_date = split_tonight(said, 1.25)
    said.dividends[ex_date] = 0.32  # of 0.4
    acme.night()
    assert dividends(acme) == {ex_date: D("0.32")}
    said.restate(1.25, before=ex_date)
    said.splits[ex_date] = 1.25
    assert "dividend_unlike_stored" in set(acme.night().held["rule"])
    for _ in range(10):
        acme.night()
    assert (dividends(acme), "open" in acme.states().values()) == ({ex_date: D("0.4")}, False)
