"""What a user watches: symbols with targets and notes, alerts about them, nobody else's."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.unit.ledger.conftest import NOON
from warehouse.ledger import Alert, InvalidValueError, NotFoundError, StaleVersionError, Watched

ABOVE = Alert("ACME", "above", Decimal("12.5"))
TODAY = NOON.date()


@pytest.fixture
def watchlist(mine):
    return mine.watchlist()


def test_a_symbol_is_watched_changed_and_watched_no_more(watchlist):
    watchlist.watch("ACME", target=Decimal("12.50"), note=" cheap then ")
    assert watchlist.watched() == [Watched("ACME", Decimal("12.5"), "cheap then", TODAY)]
    watchlist.watch("ACME", note=" ")
    assert watchlist.watched() == [Watched("ACME", None, None, TODAY)]
    watchlist.unwatch("ACME")
    assert watchlist.watched() == []
    trail = [(event.action, event.entity, event.entity_id) for event in watchlist.events()]
    assert trail == [(action, "watched", "ACME") for action in ("added", "changed", "deleted")]


def test_alerts_go_with_their_symbol(watchlist):
    watchlist.watch("ACME")
    for alert in (ABOVE, Alert("ACME", "day_move", Decimal("0.05")), ABOVE):
        watchlist.add_alert(alert)
    assert watchlist.alerts() == [ABOVE, Alert("ACME", "day_move", Decimal("0.05"))]
    watchlist.remove_alert(ABOVE)
    watchlist.unwatch("ACME")
    assert watchlist.alerts() == []
    assert [event.action for event in watchlist.events() if event.entity == "alert"] == ["added"] * 2 + ["deleted"] * 2


def test_the_same_again_changes_nothing_and_a_change_raises_the_version_by_one(watchlist):
    assert watchlist.version() == 0
    for _ in range(2):
        watchlist.watch("ACME", target=Decimal(1))
        watchlist.watch("ACME", target=Decimal("1.00"))
    assert watchlist.version() == 1
    watchlist.add_alert(ABOVE, expected_version=1)
    with pytest.raises(StaleVersionError):
        watchlist.unwatch("ACME", expected_version=1)
    assert watchlist.version() == 2


def test_portfolios_do_not_move_with_it(mine, portfolio, watchlist):
    watchlist.watch("ACME")
    assert mine.portfolio(portfolio.portfolio_id).version == portfolio.version
    assert mine.events(portfolio.portfolio_id)[-1].entity == "portfolio"


@pytest.mark.parametrize(
    "alert",
    [Alert("ACME", "above", Decimal(0)), Alert("ACME", "sideways", Decimal(1)), Alert("ACME", "below", 1.5)],
    ids=["nothing", "no kind", "a float"],
)
def test_alerts_that_are_none_are_refused(watchlist, alert):
    watchlist.watch("ACME")
    with pytest.raises(InvalidValueError):
        watchlist.add_alert(alert)


def test_what_is_not_watched_has_no_alerts(watchlist):
    with pytest.raises(NotFoundError):
        watchlist.add_alert(ABOVE)
    with pytest.raises(NotFoundError):
        watchlist.unwatch("ACME")
    for changes in ({"symbol": " "}, {"symbol": "A", "target": Decimal(-1)}, {"symbol": "A", "note": "x" * 3000}):
        with pytest.raises(InvalidValueError):
            watchlist.watch(**changes)


def test_nobody_sees_anothers_and_the_mirror_has_all(ledger, watchlist):
    watchlist.watch("ACME", target=Decimal(3))
    watchlist.add_alert(ABOVE)
    other = ledger.for_user("you").watchlist()
    assert (other.watched(), other.alerts(), other.events(), other.version()) == ([], [], [], 0)
    other.watch("ACME")
    watchlist.unwatch("ACME")
    assert [row.symbol for row in other.watched()] == ["ACME"]
    assert ledger.watched() == {"ACME"}
    assert ledger.mirror()["watchlist"].rows() == [("you", "ACME", None, None, TODAY)]
    assert ledger.mirror()["alerts"].is_empty()
    assert dt.date(2024, 6, 30) == TODAY
