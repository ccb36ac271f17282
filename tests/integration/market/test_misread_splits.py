"""A split that was told falsely with the first prices, which were read with it; and what puts them right."""

from decimal import Decimal

import pytest

from tests.integration.market.nights import DAYS, NIGHT
from warehouse.schema import market

D = Decimal
EX_DATE, PAID = DAYS[NIGHT - 3], DAYS[NIGHT - 8]


def tell(said, new, *, true):
    """Let Yahoo tell a split of some days ago as ``new`` for one, where it is ``true`` for one, and divide for that."""
    said.traded |= {day: price / true for day, price in said.traded.items() if day >= EX_DATE}
    said.restate(true, before=EX_DATE)
    said.splits[EX_DATE] = new
    said.dividends[PAID] = 0.1


def stated(acme, new):
    (acme.settings.home / "inbox").mkdir()
    line = f"ACME,{EX_DATE},{new},1\n"
    (acme.settings.home / "inbox" / "splits.csv").write_text("symbol,date,ratio_new,ratio_old\n" + line)


def released(acme, new):  # as it was told
    waiting = acme.ops.quarantine().open_rows().filter(table_name="split_history").to_dicts()
    acme.ledger.market().release("me", waiting, reason="the exchange says so")


def stored(acme):
    """Return how far closes are off what was traded, the dividends, the splits and what is open."""
    off = {round(float(close) / acme.yahoo.traded[day], 6) for day, close in acme.closes().items()}
    dividends = acme.stored(market.DIVIDEND_HISTORY)["amount"].to_list()
    splits = acme.stored(market.SPLIT_HISTORY)["ratio_new"].to_list()
    return off, dividends, splits, acme.ops.quarantine().open_rows().height


@pytest.mark.parametrize("say", [released, stated])
@pytest.mark.parametrize("later", [1, 8])
def test_a_ratio_that_is_corrected_puts_what_was_read_with_the_false_one_right_at_once(unseen, said, say, later):
    tell(said, 2, true=4)
    unseen.night(said.last)
    for _ in range(later):
        unseen.night()
    assert stored(unseen) == ({1, 0.5}, [D("0.2")], [2], 0)
    said.splits[EX_DATE] = 4
    unseen.night()
    assert "split_unlike_stored" in unseen.states()
    say(unseen, 4)
    unseen.night()
    assert stored(unseen) == ({1}, [D("0.4")], [4], 0)


def test_what_was_read_with_a_split_that_never_was_comes_right_once_somebody_says_so(unseen, said):
    tell(said, 10, true=1)
    unseen.night(said.last)
    said.splits.clear()
    unseen.night()
    assert stored(unseen) == ({1, 10}, [D("1")], [10], 0)
    stated(unseen, 1)
    unseen.night()
    assert stored(unseen) == ({1}, [D("0.1")], [1], 0)


def test_closes_that_were_read_with_the_true_ratio_stay_though_a_false_one_was_told_between(unseen, said):
    tell(said, 4, true=4)
    unseen.night(said.last)
    stated(unseen, 2)
    unseen.night()
    (unseen.settings.home / "inbox" / "splits.csv").write_text(f"symbol,date,ratio_new,ratio_old\nACME,{EX_DATE},4,1\n")
    for _ in range(2):
        unseen.night()
    assert stored(unseen) == ({1}, [D("0.4")], [4], 0)


def test_a_split_that_its_own_closes_speak_against_is_taken_back_once_it_is_told_no_more(unseen, said):
    said.restate(2, before=EX_DATE)
    said.splits[EX_DATE] = 2
    unseen.night(said.last)
    assert unseen.stored(market.SPLIT_HISTORY).height == 1
    assert unseen.states()["split_not_undone"] == "open"
    said.splits.clear()
    said.divided.clear()
    unseen.night()
    assert stored(unseen)[0] == {1}
    assert unseen.stored(market.SPLIT_HISTORY).is_empty()
    assert len(unseen.closes()) == NIGHT + 2
    unseen.night()
    assert unseen.stored(market.SPLIT_HISTORY).is_empty()
    assert "split_untold" not in unseen.states()


def test_a_ratio_that_prices_speak_against_is_corrected_by_its_provider_alone(unseen, said):
    tell(said, 10, true=5)
    said.restate(2, before=EX_DATE)  # it divides for what it tells
    unseen.night(said.last)
    assert unseen.states()["untold_split"] == "open"
    said.splits[EX_DATE] = 5
    said.divided.clear()
    said.restate(5, before=EX_DATE)
    for _ in range(2):
        unseen.night()
        assert stored(unseen) == ({1}, [D("0.5")], [5], 0)
    assert len(unseen.closes()) == NIGHT + 3
