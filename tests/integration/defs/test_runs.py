"""Whole runs on a small market: what is published, what is not, and what is left behind."""

import datetime as dt
import os
from decimal import Decimal

import polars as pl
import pytest

from pipelines.defs.run import execute_job, materialize_all
from tests.integration.defs.conftest import BOUGHT_ON, CLOCK, buy
from warehouse.build import open_candidate
from warehouse.errors import WarehouseBusyError
from warehouse.ops import Ops
from warehouse.publish import latest, publications
from warehouse.reader import Reader
from warehouse.schema import ledger as mirrors
from warehouse.schema import market, marts, ops
from warehouse.settings import Settings

EVE = dt.date(2022, 12, 27)
LAST = dt.date(2022, 12, 28)


def table(settings: Settings, declared) -> pl.DataFrame:
    reader = Reader(settings)
    try:
        return reader.table(declared)
    finally:
        reader.close()


def test_a_run_publishes_market_ledger_and_marts(settings, ledger, provider):
    outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    assert latest(settings) == outcome.publication
    prices = table(settings, market.PRICE_HISTORY)
    assert set(prices["symbol"]) == {"AAPL", "SPY"}
    assert prices["date"].max() == LAST
    assert table(settings, mirrors.TRANSACTIONS)["symbol"].to_list() == ["AAPL"]
    holding = table(settings, marts.HOLDINGS).row(0, named=True)
    assert (holding["symbol"], holding["quantity"], holding["value_local"]) == ("AAPL", 10, 1000)
    assert holding["value_base"] == Decimal("952.38095238")
    assert table(settings, marts.PUBLICATIONS)["as_of"].to_list() == [CLOCK]


def test_everything_a_run_writes_passed_its_gate_and_the_gates_are_readable(settings, ledger):
    outcome = materialize_all(settings)
    results = table(settings, ops.QUALITY_RESULTS).filter(pl.col("run_id") == outcome.run_id)
    assert {"symbols", "price_history", "transactions", "holdings", "complete_views"} <= set(results["table_name"])
    assert results.filter(pl.col("blocking"))["passed"].all()


def test_running_twice_changes_no_history(settings, ledger):
    materialize_all(settings)
    before = {one.name: table(settings, one) for one in (*market.HISTORIES, market.SYMBOLS, market.TRADING_SESSIONS)}
    assert materialize_all(settings).success
    for name, frame in before.items():
        assert table(settings, next(one for one in market.TABLES if one.name == name)).equals(frame), name
    assert all(table(settings, one).is_empty() for one in market.REVISIONS)


def test_a_second_run_asks_only_for_the_last_week(settings, ledger, provider):
    materialize_all(settings)
    provider.asked.clear()
    materialize_all(settings)
    assert {(one.symbol, one.start) for one in provider.asked} == {
        (symbol, LAST - dt.timedelta(days=7)) for symbol in ("AAPL", "SPY")
    }


def test_a_corrected_price_moves_the_old_one_to_the_revisions(settings, ledger, provider):
    materialize_all(settings)
    provider.says["AAPL", LAST] = Decimal("101.5")
    materialize_all(settings)
    revised = table(settings, market.revisions_of(market.PRICE_HISTORY))
    assert revised.select("symbol", "date", "close").rows() == [("AAPL", LAST, Decimal(100))]
    current = table(settings, market.SYMBOLS).filter(pl.col("symbol") == "AAPL")
    assert current["last_price"].item() == Decimal("101.5")


def test_a_broken_price_is_named_and_the_publication_stays(settings, ledger, provider):
    published = materialize_all(settings).publication
    provider.says["AAPL", EVE] = Decimal(-5)
    outcome = materialize_all(settings)
    assert not outcome.success
    assert outcome.publication is None
    assert publications(settings) == [published]
    [gate] = outcome.failed_gates
    assert (gate.table, gate.rule) == ("price_history", "positive_close")
    assert "symbol AAPL, date 2022-12-27, close -5" in gate.message
    assert any("symbol AAPL, date 2022-12-27, close -5" in failure for failure in outcome.failures)


def test_a_blocked_run_is_on_record_at_once_and_leaves_no_file(settings, ledger, provider):
    provider.says["AAPL", EVE] = Decimal(-5)
    outcome = materialize_all(settings)
    record = Ops.open(settings.ops_url)
    [failed] = [row for row in record.gates(outcome.run_id).to_dicts() if not row["passed"]]
    assert (failed["table_name"], failed["rule"], failed["failed_rows"]) == ("price_history", "positive_close", 1)
    assert '"symbol": "AAPL"' in failed["sample"]
    [run] = record.runs(1).to_dicts()
    assert run["status"] == "failed"
    assert "AAPL" in run["message"]
    assert list(settings.build_dir.iterdir()) == []
    assert latest(settings) is None


def test_without_the_last_asset_a_run_is_a_rehearsal(settings, ledger):
    published = materialize_all(settings).publication
    outcome = execute_job("refresh", settings, selection=["portfolios", "accounts", "transactions"])
    assert outcome.success
    assert outcome.publication is None
    assert publications(settings) == [published]
    assert list(settings.build_dir.iterdir()) == []
    [run] = Ops.open(settings.ops_url).runs(1).to_dicts()
    assert run["status"] == "rehearsed"
    assert "nothing was published" in run["message"]


def test_a_dead_runs_candidate_is_gone_after_the_next_run(settings, ledger):
    settings.build_dir.mkdir(parents=True)
    stale = settings.build_dir / "dead.duckdb"
    stale.write_bytes(b"half a file")
    assert materialize_all(settings).success
    assert not stale.exists()


def test_nothing_is_locked_while_providers_are_asked(settings, ledger, provider, monkeypatch):
    locked: list[bool] = []

    def candidate_is_free(request, *, now):
        locked.append(_is_locked(settings))
        return type(provider).prices(provider, request, now=now)

    monkeypatch.setattr(provider, "prices", candidate_is_free)
    assert materialize_all(settings).success
    assert locked == [False, False]


def _is_locked(settings: Settings) -> bool:
    try:
        open_candidate(settings.model_copy(update={"lock_timeout_seconds": 0}), f"probe-{os.getpid()}").drop()
    except WarehouseBusyError:
        return True
    return False


def test_an_unknown_symbol_is_a_warning_and_holds_up_nobody(settings, ledger, provider):
    provider.unknown.add("SPY")
    outcome = materialize_all(settings)
    assert outcome.success
    [warning] = outcome.warnings
    assert warning.rule == "everything_answered"
    assert "SPY" in warning.message
    assert set(table(settings, market.PRICE_HISTORY)["symbol"]) == {"AAPL"}


def test_a_refused_ledger_is_a_warning_and_holds_up_no_other(settings, ledger):
    mine = ledger.for_user("me")
    broken = mine.create_portfolio("Broken", "EUR")
    sale = {"date": BOUGHT_ON, "type": "SELL", "account": "Depot", "symbol": "AAPL", "quantity": Decimal(1)}
    money = {"price": Decimal(90), "amount": Decimal(90), "fee": Decimal(0), "tax": Decimal(0), "currency": "USD"}
    mine.add_transactions(broken.portfolio_id, pl.DataFrame([sale | money]), source="test")
    outcome = materialize_all(settings)
    assert outcome.success
    assert ["Broken" in warning.message for warning in outcome.warnings] == [True]
    assert table(settings, marts.COMPLETE_VIEWS)["portfolio_id"].n_unique() == 1


def test_a_recomputation_asks_nobody(settings, ledger, provider):
    materialize_all(settings)
    provider.asked.clear()
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "AAPL", CLOCK)
    outcome = execute_job("recompute", settings)
    assert outcome.success, outcome.failures
    assert provider.asked == []
    assert table(settings, marts.HOLDINGS)["quantity"].sum() == 20


@pytest.mark.parametrize("job", ["quotes", "dividends", "fx"])
def test_each_part_of_the_graph_ends_in_a_publication(settings, ledger, job):
    materialize_all(settings)
    outcome = execute_job(job, settings)
    assert outcome.success, outcome.failures
    assert latest(settings) == outcome.publication


def test_progress_tells_each_step(settings, ledger):
    steps = []
    materialize_all(settings, progress=steps.append)
    names = [step.step for step in steps]
    assert names[0] == "fetched_prices"
    assert names[-1] == "published_warehouse"
    assert all(step.success and step.seconds >= 0 for step in steps)
