"""Dividends, renames, delistings, lies and changed currencies as Yahoo tells them, night after night."""

import datetime as dt
from decimal import Decimal

import polars as pl

from pipelines.ingest import history_rows
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
    assert held["date"].item() > max(acme.closes())
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


def test_a_dividend_told_or_corrected_weeks_late_comes_in(acme, said):
    ex_date = DAYS[NIGHT - 2]
    acme.night(DAYS[NIGHT + 9])
    for amount in (0.5, 0.48):
        said.dividends[ex_date] = amount
        acme.night()
        assert acme.asked.start > ex_date
        stored = acme.stored(market.DIVIDEND_HISTORY).row(0, named=True)
        assert (stored["ex_date"], stored["amount"]) == (ex_date, D(str(amount)))
        assert (stored["known_from"].date(), stored["bulk_loaded"]) == (said.last, False)
    assert acme.stored(market.revisions_of(market.DIVIDEND_HISTORY))["amount"].to_list() == [D("0.5")]


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


def test_a_dividend_in_another_currency_is_held_against_the_price_at_the_rate_of_its_day(acme, said):
    now = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
    rates = pl.DataFrame({"currency": ["USD", "JPY"], "date": DAYS[NIGHT], "per_eur": [D("1.10"), D(165)]})
    rates = history_rows(market.FX_HISTORY, rates.with_columns(source=pl.lit("ecb")), now=now)
    acme.candidate.record_history(market.FX_HISTORY, rates, now=now)
    tonight = DAYS[NIGHT + 1]
    said.dividends[tonight], said.paid_in[tonight] = 4500.0, "JPY"
    held = acme.night().held
    assert held.select("rule", "value").rows() == [("dividend_large", "4500")]
    assert held["reason"].item().startswith("4500 JPY (30 USD) is 26.1% of the close of 115")
    assert acme.stored(market.DIVIDEND_HISTORY).is_empty()
    said.dividends[tonight] = 45.0
    acme.night()
    assert acme.stored(market.DIVIDEND_HISTORY).select("amount", "currency").rows() == [(45, "JPY")]
    assert set(acme.states().values()) == {"resolved"}


def test_a_name_of_another_instrument_changes_nothing_that_is_stored(acme, said):
    prices, master = acme.stored(market.PRICE_HISTORY), acme.stored(market.SYMBOLS)
    said.names, own = {"OTHER"}, dict(said.traded)
    said.traded = {day: price * (0.8 + number % 5 / 20) for number, (day, price) in enumerate(own.items())}
    acme.ledger.market().rename("me", "ACME", "OTHER")
    held = acme.night().held
    assert acme.stored(market.PRICE_HISTORY).equals(prices)
    assert acme.stored(market.SYMBOLS)["last_price"].to_list() == master["last_price"].to_list()
    assert (acme.revisions(), acme.states()) == (0, {"another_series": "open"})
    assert held["date"].max() == said.last
    assert "5 of 6 stored days are told anew" in held["reason"].first()
    said.names, said.traded = {"ACME"}, own
    acme.ledger.market().rename("me", "ACME", "ACME")
    acme.night()
    assert acme.closes() == {day: D(str(own[day])) for day in DAYS if day <= said.last}
    assert (acme.revisions(), set(acme.states().values())) == (0, {"resolved"})


def test_a_week_that_is_told_anew_is_no_revision(acme, said):
    before = acme.stored(market.PRICE_HISTORY)
    said.traded |= {day: said.traded[day] * (1.002 + n / 1000) for n, day in enumerate(DAYS[NIGHT - 3 : NIGHT + 1])}
    acme.night()
    assert acme.stored(market.PRICE_HISTORY).filter(pl.col("date") <= DAYS[NIGHT]).equals(before)
    assert acme.closes()[said.last] == D(str(said.traded[said.last]))
    assert (acme.revisions(), acme.states()) == (0, {"retold": "open"})
    acme.ledger.market().release("me", acme.ops.quarantine().rows().to_dicts(), reason="the exchange corrected a week")
    acme.night()
    assert acme.closes()[DAYS[NIGHT]] == D(str(round(said.traded[DAYS[NIGHT]], 6)))
    assert (acme.revisions(), acme.states()) == (4, {"retold": "released"})
