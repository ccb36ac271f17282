"""Symbols of which a provider tells the old prices and no new ones: asked for once a week until they trade again."""

import datetime as dt
import json

import polars as pl
import pytest

from pipelines.defs.resources import Folio
from pipelines.defs.run import materialize_all
from pipelines.sources import registry
from tests.integration.defs.conftest import CLOCK, Provider
from tests.integration.defs.test_runs import table
from warehouse.ops import Ops
from warehouse.schema import market

pytestmark = pytest.mark.usefixtures("without_suites")


class Nights:
    """A deployment whose nights come one by one, and of whose provider AAPL may have no new session."""

    def __init__(self, settings, provider, patch):
        self.settings, self.provider = settings, provider
        self.silent_since, self.now = CLOCK, dt.datetime.combine(CLOCK, dt.time(23), dt.UTC)
        patch.setattr(Folio, "now", lambda _: self.now)
        answer = type(provider).prices
        patch.setattr(provider, "prices", lambda request, *, now: answer(self.of(request.symbol), request, now=now))
        days = (CLOCK + dt.timedelta(days) for days in range(800))
        self.every = [*provider.sessions, *(day for day in days if day.weekday() < 5 and day > CLOCK)]

    def of(self, symbol):
        last = self.silent_since if symbol == "AAPL" else self.now.date()
        self.provider.sessions = [day for day in self.every if day <= last]
        return self.provider

    def pass_by(self, days):
        """Let days pass without a run, then run; return which symbols the provider was asked for."""
        self.now += dt.timedelta(days=days)
        self.provider.asked.clear()
        at = self.settings.model_copy(update={"clock": self.now.date()})
        outcome = materialize_all(at)
        assert outcome.success, outcome.failures
        return [one.symbol for one in self.provider.asked]

    def status(self):
        return dict(table(self.settings, market.SYMBOLS).select("symbol", "status").rows())["AAPL"]

    def said(self):
        """Return what the last run said of symbols gone quiet."""
        gates = Ops.open(self.settings.ops_url).gates()
        last = gates.filter(pl.col("checked_at") == self.now, rule="gone_quiet")
        return [row for text in last["sample"] for row in json.loads(text)]


@pytest.fixture
def nights(settings, provider, monkeypatch):
    return Nights(settings, provider, monkeypatch)


def test_what_is_quiet_is_asked_for_once_a_week_said_each_night_and_back_when_it_trades(nights):
    assert nights.pass_by(29) == ["AAPL", "SPY"]
    assert nights.pass_by(1) == ["AAPL", "SPY"]
    assert nights.pass_by(1) == ["SPY"]
    (row,) = nights.said()
    assert (row["about"], row["date"], row["reason"]) == (
        "AAPL",
        str(CLOCK),
        f"no price since {CLOCK}, 31 days ago; asked for once a week",
    )
    assert nights.pass_by(6) == ["AAPL", "SPY"]
    assert [row["about"] for row in nights.said()] == ["AAPL"]
    assert nights.status() == "active"
    nights.silent_since = dt.date(2030, 1, 1)
    assert nights.pass_by(1) == ["SPY"]
    assert nights.pass_by(6) == ["AAPL", "SPY"]
    assert nights.pass_by(1) == ["AAPL", "SPY"]
    assert nights.said() == []


def test_nothing_is_quiet_while_nobody_asked(nights):
    nights.silent_since = dt.date(2030, 1, 1)
    assert nights.pass_by(90) == ["AAPL", "SPY"]
    assert nights.said() == []


def test_what_has_been_quiet_for_longer_than_any_suspension_is_delisted_until_it_trades(nights):
    nights.pass_by(547)
    assert nights.status() == "active"
    nights.pass_by(7)
    assert (nights.status(), nights.pass_by(1)) == ("delisted", ["SPY"])
    nights.silent_since = dt.date(2030, 1, 1)
    assert nights.pass_by(6) == ["AAPL", "SPY"]
    assert nights.status() == "active"


def test_what_its_provider_has_lost_is_delisted_although_another_tells_its_old_prices(nights, provider, monkeypatch):
    other = Provider()
    other.name, other.sessions = "other", [day for day in nights.every if day <= CLOCK]
    monkeypatch.setattr(registry, "MAKERS", {**registry.MAKERS, "other": lambda _: other})
    nights.settings = nights.settings.model_copy(update={"price_sources": ("small", "other")})
    provider.unknown = {"AAPL"}
    nights.pass_by(29)
    assert ([one.symbol for one in other.asked], nights.status()) == (["AAPL"], "active")
    nights.pass_by(1)
    assert nights.status() == "delisted"
    assert nights.pass_by(1) == ["SPY"]
    other.sessions = nights.every
    nights.pass_by(6)
    assert nights.status() == "active"
