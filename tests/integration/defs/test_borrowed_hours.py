"""An instrument whose exchange has no calendar is asked for by the sessions of the one that lends it some."""

import datetime as dt

import dagster as dg
import polars as pl

from pipelines.defs import schedules
from pipelines.defs.market.sessions import trading_sessions
from pipelines.defs.resources import Folio
from warehouse.schema.market import TRADING_SESSIONS

NOON = dt.datetime(2022, 12, 28, 17, tzinfo=dt.UTC)
MASTER = pl.DataFrame({"symbol": ["OWN"], "exchange": ["NEOE"], "asset_class": ["Equity"]})


def test_who_lends_is_stored_and_who_borrows_is_asked_for_by_it(settings, monkeypatch):
    folio = Folio(settings_document=settings.model_dump_json())
    context = dg.build_asset_context(resources={"folio": folio})
    rows = trading_sessions(context, fetched_symbols=MASTER, fetched_prices=pl.DataFrame())
    assert set(rows["exchange"]) == {"XTSE"}

    def stored(_, table, where=None):
        assert where is None or "XTSE" in where["exchange"]
        return rows if table is TRADING_SESSIONS else MASTER

    monkeypatch.setattr(Folio, "stored", stored)
    monkeypatch.setattr(schedules, "_wanted", lambda _: {"OWN"})
    sessions = schedules.held_sessions(folio, NOON)
    assert [day for _, day in sessions.select("exchange", "date").rows()] == [NOON.date(), dt.date(2022, 12, 29)]
