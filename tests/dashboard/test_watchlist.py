"""The Watchlist page: prices beside targets, alerts that fire, and what is stated on it."""

import datetime as dt
from decimal import Decimal

import pytest
from opening import opened, read, words
from published import TODAY, published

from dashboard.views import watchlist as view_of
from pipelines.portfolio.models import Status
from pipelines.portfolio.quotes import SymbolQuote
from warehouse.ledger import Alert, Watched

D = Decimal


def quote(price="126", symbol="ACME", move=0.05, status=Status.CLOSE):
    stated = None if price is None else D(price)
    return SymbolQuote(symbol, f"{symbol} Inc.", "EUR", stated, TODAY, status, None if move is None else D(6), move)


@pytest.fixture
def watchlist(own):
    return own[0].watchlist()


def pressed(page, label):
    return next(button for button in page.button if button.label == label).click().run()


def test_a_symbol_is_watched_from_an_empty_list_on(own, watchlist, settings):
    published(settings, *own, named=("ACME", "BOLT"))
    page = opened("watchlist")
    assert "Nothing is watched yet" in words(page.info)
    page.text_input(key="watch_0_symbol").set_value("acme")
    page.text_input(key="watch_0_target").set_value("1,5")
    page = pressed(page, "Watch")
    assert "The target price is '1,5'" in read(page.error)
    assert page.text_input(key="watch_0_symbol").value == "acme"  # what was typed stays
    page.text_input(key="watch_0_target").set_value("-5")
    page = pressed(page, "Watch")
    assert "The target price is -5: a number above zero" in read(page.error)
    page.text_input(key="watch_0_target").set_value("1.5")
    page = pressed(page, "Watch")
    assert not page.exception
    assert page.dataframe[0].value.iloc[0]["Name"] == "ACME Inc."
    assert [(row.symbol, row.target) for row in watchlist.watched()] == [("ACME", D("1.5"))]
    assert page.text_input(key="watch_1_target").value == ""


@pytest.mark.parametrize("typed", ["<script>", "AAPL US", "AAPL;DROP"])
def test_what_can_be_no_symbol_is_not_watched(own, watchlist, typed):
    page = opened("watchlist")
    page.text_input(key="watch_0_symbol").set_value(typed)
    assert "can be no symbol" in read(pressed(page, "Watch").error)
    assert watchlist.watched() == []


def test_before_anything_is_published_nothing_has_a_price(own, watchlist):
    watchlist.watch("ACME")
    page = opened("watchlist")
    assert not page.exception
    assert "No price of ACME yet" in words(page.info)


def test_prices_stand_beside_targets_and_alerts_fire(own, watchlist, settings):
    published(settings, *own)  # ACME closes at 125 after 124
    watchlist.watch("ACME", target=D(150), note="soon")
    watchlist.add_alert(Alert("ACME", "above", D(125)))
    page = opened("watchlist")
    assert not page.exception
    row = page.dataframe[0].value.iloc[0]
    assert (row["Price"], row["Day change"], row["Target"], row["Note"]) == (D(125), D(1), D(150), "soon")
    assert row["To target"] == pytest.approx(20)
    # What a phone has room for.
    assert list(page.dataframe[0].value)[:5] == ["Symbol", "Price", "Day", "To target", "Currency"]
    assert "ACME 125.00 EUR (close, 30 Jan 2026): above 125.00 EUR." in read(page.warning)


def test_alerts_come_and_go_and_a_symbol_is_changed_and_removed(own, watchlist, settings):
    published(settings, *own)
    watchlist.watch("ACME")
    page = opened("watchlist")
    page.selectbox(key="alert_0_kind").select("Moves in a day by, %")
    page.text_input(key="alert_0_threshold").set_value("-2")
    page = pressed(page, "Add alert")
    assert "The threshold is -2: a number above zero" in read(page.error)
    assert page.selectbox(key="alert_0_kind").value == "Moves in a day by, %"
    page.text_input(key="alert_0_threshold").set_value("0.5 %")
    page = pressed(page, "Add alert")
    assert watchlist.alerts() == [Alert("ACME", "day_move", D("0.005"))]
    assert "ACME +0.81%" in read(page.warning)
    page = page.selectbox(key="removed_alert").select(Alert("ACME", "day_move", D("0.005"))).run()
    page = page.button(key="remove_alert").click().run()
    assert watchlist.alerts() == []
    page = page.selectbox(key="changed_symbol").select("ACME").run()
    page.text_input(key="note_ACME").set_value("dear")
    page.text_input(key="target_ACME").set_value("1,012.5")
    page = pressed(page, "Save")
    assert (watchlist.watched()[0].note, watchlist.watched()[0].target) == ("dear", D("1012.5"))
    page = opened("watchlist").selectbox(key="changed_symbol").select("ACME").run()
    assert page.text_input(key="target_ACME").value == "1012.5"
    page = pressed(page, "Remove")
    assert not page.exception
    assert watchlist.watched() == []


def test_another_day_is_looked_at_with_its_own_prices(own, watchlist, settings):
    published(settings, *own)
    watchlist.watch("ACME")
    page = opened("watchlist", as_of="2026-01-15")
    assert page.dataframe[0].value.iloc[0]["Price"] == D(110)


def test_what_is_not_known_is_neither_waiting_nor_firing():
    alerts = [Alert("ACME", "above", D(100)), Alert("ACME", "day_move", D("0.01")), Alert("BOLT", "below", D(5))]
    quotes = [quote(move=None, status=Status.STALE), quote(price=None, symbol="BOLT", move=None, status=Status.MISSING)]
    rows = view_of.alert_rows(alerts, quotes).rows()
    assert rows == [
        (view_of.FIRES, "ACME above 100.00 EUR"),
        (view_of.NOT_KNOWN, "ACME moves 1.00% or more in a day"),
        (view_of.NOT_KNOWN, "BOLT below 5.00 EUR"),
    ]
    assert view_of.firing(alerts, quotes) == ["ACME 126.00 EUR (old, 30 Jan 2026): above 100.00 EUR."]
    assert view_of.unpriced(quotes) == ["BOLT"]


def test_a_symbol_without_a_price_has_a_row():
    watched = [Watched("BOLT", D(5), None, dt.date(2026, 1, 1))]
    none = quote(price=None, symbol="BOLT", move=None, status=Status.MISSING)
    found = view_of.table(watched, [none], [Alert("BOLT", "below", D(5))]).row(0, named=True)
    assert (found["Price"], found["To target"], found["Alerts"], found["Price is"]) == (None, None, 1, "missing")
