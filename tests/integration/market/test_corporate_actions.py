"""Dividends, renames, delistings, lies and changed currencies as Yahoo tells them, night after night."""

import datetime as dt
from decimal import Decimal

from tests.integration.market.nights import DAYS, NIGHT
from warehouse.schema import market

D = Decimal


def test_a_provider_that_lies_by_a_hundred_moves_neither_history_nor_the_current_price(acme, said):
    lie = DAYS[NIGHT + 1]
    said.traded[lie] *= 100
    held = acme.night().held
    assert {(row["table_name"], row["rule"]) for row in held.to_dicts()} == {
        ("price_history", "hundredfold"),
        ("symbols", "hundredfold"),
    }
    assert acme.stored(market.SYMBOLS)["last_price"].item() == D(115)
    said.traded[lie] /= 100
    acme.night()
    assert acme.closes()[lie] == D(116)
    assert set(acme.states().values()) == {"resolved"}


def test_a_symbol_in_another_currency_is_held_back_until_somebody_accepts_it(acme, said):
    before = acme.stored(market.SYMBOLS).drop("updated_at")
    said.currency = "EUR"
    held = acme.night().held
    assert held.select("table_name", "key", "rule", "value", "expected").rows() == [
        ("symbols", "ACME", "currency_changed", "EUR", "USD")
    ]
    assert acme.stored(market.SYMBOLS).drop("updated_at").equals(before)
    acme.ledger.market().release("me", acme.ops.quarantine().rows().to_dicts(), reason="it moved to Paris")
    acme.night()
    assert acme.stored(market.SYMBOLS)["currency"].item() == "EUR"
    assert acme.states() == {"currency_changed": "released"}


def test_a_corrected_price_and_dividend_go_to_their_revisions(acme, said):
    eve = DAYS[NIGHT]
    said.dividends[eve] = 0.5
    acme.night()
    said.traded[eve], said.dividends[eve] = 115.5, 0.55
    acme.night()
    assert acme.closes()[eve] == D("115.5")
    assert acme.stored(market.DIVIDEND_HISTORY)["amount"].to_list() == [D("0.55")]
    old = acme.stored(market.revisions_of(market.PRICE_HISTORY))["close"].to_list()
    assert (old, acme.stored(market.revisions_of(market.DIVIDEND_HISTORY))["amount"].to_list()) == ([115], [D("0.5")])


def test_a_symbol_that_vanishes_keeps_its_history_and_is_delisted_after_a_month(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    said.names.clear()
    acme.night(DAYS[NIGHT] + dt.timedelta(days=29))
    assert acme.stored(market.SYMBOLS)["status"].item() == "active"
    acme.night(DAYS[NIGHT] + dt.timedelta(days=30))
    row = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (row["status"], row["last_price"], row["last_price_at"].date()) == ("delisted", 115, DAYS[NIGHT])
    assert acme.stored(market.PRICE_HISTORY).equals(before)
    said.names.add("ACME")
    acme.night(DAYS[NIGHT + 25])
    assert acme.stored(market.SYMBOLS)["status"].item() == "active"


def test_a_renamed_symbol_goes_on_under_its_own_name(acme, said):
    said.names = {"META"}
    acme.ledger.market().rename("me", "ACME", "META")
    acme.night()
    assert acme.closes()[said.last] == D(str(said.traded[said.last]))
    row = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (row["symbol"], row["provider_symbol"], row["status"]) == ("ACME", "META", "renamed")
    said.names = {"ACME"}
    acme.ledger.market().rename("me", "ACME", "ACME")
    acme.night()
    row = acme.stored(market.SYMBOLS).row(0, named=True)
    assert (row["provider_symbol"], row["status"]) == ("ACME", "active")


def test_a_first_fetch_of_which_half_is_a_hundredfold_waits_as_a_whole_and_heals(unseen, said):
    truth, last = dict(said.traded), said.last
    said.traded |= {day: truth[day] * 100 for day in DAYS[NIGHT - 7 :]}
    held = unseen.night(last).held
    assert held.select("table_name", "rule").unique().sort("rule").rows() == [
        ("price_history", "hundredfold"),
        ("symbols", "quote_alone"),
    ]
    assert (unseen.closes(), unseen.stored(market.SYMBOLS)["last_price"].to_list()) == ({}, [None])
    said.traded = truth
    unseen.night(last)
    assert unseen.closes() == {day: D(str(truth[day])) for day in DAYS if day <= last}
    assert unseen.stored(market.SYMBOLS)["last_price"].item() == D(str(truth[last]))
    assert set(unseen.states().values()) == {"resolved"}
