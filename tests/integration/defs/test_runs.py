"""Whole runs on a small market: what is published, what is not, and what is left behind."""

import datetime as dt
import os
import signal
from decimal import Decimal

import dagster as dg
import polars as pl
import pytest

from pipelines.defs.progress import LOGGER
from pipelines.defs.run import _job as located_job
from pipelines.defs.run import execute_job, materialize_all
from pipelines.valuation.batch import MARTS
from tests.integration.defs.conftest import BOUGHT_ON, CLOCK, SESSIONS, Provider, buy
from warehouse.build import open_candidate
from warehouse.errors import WarehouseBusyError
from warehouse.ops import Ops, alive
from warehouse.ops.providers import Circuit
from warehouse.published import latest, publications
from warehouse.reader import Reader
from warehouse.schema import ledger as mirrors
from warehouse.schema import market, marts, ops
from warehouse.settings import Settings

pytestmark = pytest.mark.usefixtures("without_suites")
EVE = dt.date(2022, 12, 27)
LAST = dt.date(2022, 12, 28)


def table(settings: Settings, declared) -> pl.DataFrame:
    reader = Reader(settings)
    try:
        return reader.table(declared)
    finally:
        reader.close()


def last_run(settings: Settings) -> dict:
    return Ops.open(settings.ops_url).runs(1).row(0, named=True)


def test_the_first_run_publishes_market_ledger_and_marts(settings):
    prices = table(settings, market.PRICE_HISTORY)
    assert set(prices["symbol"]) == {"AAPL", "SPY"}
    assert prices["date"].max() == LAST
    assert table(settings, mirrors.TRANSACTIONS)["symbol"].to_list() == ["AAPL"]
    holding = table(settings, marts.HOLDINGS).row(0, named=True)
    assert (holding["symbol"], holding["quantity"], holding["value_local"]) == ("AAPL", 10, 1000)
    assert holding["value_base"] == Decimal("952.38095238")
    assert table(settings, marts.PUBLICATIONS)["as_of"].to_list() == [CLOCK]


def test_a_delisted_symbol_holds_up_nobody(settings, provider):
    later = CLOCK + dt.timedelta(days=41)
    provider.unknown = {"AAPL"}
    provider.sessions = [
        day for n in range(80) if (day := SESSIONS[0] + dt.timedelta(n)).weekday() < 5 and day <= later
    ]
    outcome = materialize_all(settings.model_copy(update={"clock": later}))
    assert outcome.success, outcome.failures
    statuses = dict(table(settings, market.SYMBOLS).select("symbol", "status").iter_rows())
    assert statuses == {"AAPL": "delisted", "SPY": "active"}
    assert table(settings, market.PRICE_HISTORY).filter(symbol="AAPL")["date"].max() == LAST
    assert table(settings, marts.HOLDINGS)["price_status"].to_list() == ["stale"]


def test_every_table_of_the_first_run_passed_its_gate_and_says_so(settings):
    results = table(settings, ops.QUALITY_RESULTS)
    assert {"symbols", "price_history", "transactions", "holdings", "complete_views"} <= set(results["table_name"])
    assert results.filter(pl.col("blocking"))["passed"].all()


def test_running_again_asks_for_the_last_week_and_changes_no_history(settings, provider):
    kept = (*market.HISTORIES, *market.REVISIONS, market.SYMBOLS, market.TRADING_SESSIONS)
    before = {one: table(settings, one) for one in kept}
    outcome = materialize_all(settings)
    assert latest(settings) == outcome.publication
    assert {one.name for one, frame in before.items() if not table(settings, one).equals(frame)} == set()
    week_ago = LAST - dt.timedelta(days=7)
    assert {(one.symbol, one.start, one.end) for one in provider.asked} == {
        ("AAPL", week_ago, LAST),
        ("SPY", week_ago, LAST),
    }


def test_a_corrected_price_moves_the_old_one_to_the_revisions(settings, provider):
    provider.says["AAPL", LAST] = Decimal("101.5")
    assert materialize_all(settings, symbols=["AAPL"]).success
    assert {one.symbol for one in provider.asked} == {"AAPL"}
    revised = table(settings, market.revisions_of(market.PRICE_HISTORY))
    assert revised.select("symbol", "date", "close").rows() == [("AAPL", LAST, Decimal(100))]
    current = table(settings, market.SYMBOLS).filter(pl.col("symbol") == "AAPL")
    assert current["last_price"].item() == Decimal("101.5")


def test_a_provider_that_is_left_alone_keeps_no_run_from_being_published(settings, provider):
    providers = Ops.open(settings.ops_url).providers()
    now = dt.datetime.now(dt.UTC)
    providers.change_circuit("small", lambda _: (Circuit(failures_in_a_row=5, opened_at=now, is_down=True), None))
    before = table(settings, market.PRICE_HISTORY)
    outcome = materialize_all(settings.model_copy(update={"clock": LAST + dt.timedelta(days=30)}))
    assert outcome.success
    assert provider.asked == []
    assert table(settings, market.PRICE_HISTORY).equals(before)
    holding = table(settings, marts.HOLDINGS).row(0, named=True)
    assert (holding["value_local"], holding["price_date"], holding["price_status"]) == (1000, LAST, "stale")
    health = table(settings, ops.PROVIDER_HEALTH).row(0, named=True)
    assert (health["source"], health["breaker"], health["failures_in_a_row"]) == ("small", "open", 5)
    assert [warning.table for warning in outcome.warnings] == ["fetched_prices", "fetched_rates"]


def test_a_run_that_another_keeps_out_waits_once_and_says_so(settings):
    other = open_candidate(settings, "other")
    outcome = execute_job("recompute", settings.model_copy(update={"lock_timeout_seconds": 0}))
    other.drop()
    assert outcome.busy
    assert not outcome.success
    (said,) = outcome.failures
    assert said.startswith("another run holds ")
    assert last_run(settings)["message"] == f"not published: {said}"


def test_without_the_last_asset_a_run_is_a_rehearsal(settings):
    published = latest(settings)
    outcome = execute_job("refresh", settings, selection=[one.name for one in mirrors.TABLES])
    assert outcome.success
    assert outcome.publication is None
    assert publications(settings) == [published]
    assert list(settings.build_dir.iterdir()) == []
    assert last_run(settings)["status"] == "rehearsed"
    assert "nothing was published" in last_run(settings)["message"]


def test_a_dead_runs_candidate_is_gone_after_the_next_run(settings):
    stale = settings.build_dir / "dead.duckdb"
    stale.write_bytes(b"half a file")
    assert execute_job("recompute", settings).success
    assert not stale.exists()


def test_what_dead_runs_were_writing_is_gone_after_the_next_run_and_what_others_write_stays(settings):
    ones = [settings.staging_dir / "fetched_splits" / f"{run_id}.part" for run_id in ("dead", "living")]
    folders = [settings.staging_dir / "backfill" / f"{run_id}.part" for run_id in ("dead", "living")]
    for file in ones:
        file.write_bytes(b"half a file")
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "prices.parquet").write_bytes(b"half a file")
    with alive(settings.running_dir, "living"):
        assert execute_job("recompute", settings).success
    assert [file.exists() for file in (*ones, *folders)] == [False, True, False, True]


def test_the_next_run_says_that_one_before_was_killed(settings):
    record = Ops.open(settings.ops_url)
    record.record_run_started("dead", "refresh", dt.datetime(2022, 12, 28, tzinfo=dt.UTC))
    assert execute_job("recompute", settings).success
    killed = record.runs().filter(pl.col("run_id") == "dead").row(0, named=True)
    assert killed["status"] == "killed"
    assert killed["ended_at"] is not None
    assert last_run(settings)["status"] == "published"
    assert list(settings.running_dir.iterdir()) == []


def test_the_end_of_a_run_forgets_the_oldest(settings):
    first = last_run(settings)["run_id"]
    few = settings.model_copy(update={"keep_runs": 1})
    assert execute_job("recompute", few).success
    record = Ops.open(settings.ops_url)
    assert record.runs().height == 1
    assert first not in set(record.gates()["run_id"])


def test_nothing_is_locked_while_providers_are_asked(settings, provider, monkeypatch):
    locked: list[bool] = []

    def prices(request, *, now):
        locked.append(_is_locked(settings))
        return Provider.prices(provider, request, now=now)

    monkeypatch.setattr(provider, "prices", prices)
    assert execute_job("quotes", settings).success
    assert locked == [False, False]


def _is_locked(settings: Settings) -> bool:
    try:
        open_candidate(settings.model_copy(update={"lock_timeout_seconds": 0}), f"probe-{os.getpid()}").drop()
    except WarehouseBusyError:
        return True
    return False


def test_an_unknown_symbol_and_a_refused_ledger_are_warnings_and_hold_up_nobody(settings, ledger, provider):
    provider.unknown.add("SPY")
    mine = ledger.for_user("me")
    broken = mine.create_portfolio("Broken", "EUR")
    sale = {"date": BOUGHT_ON, "type": "SELL", "account": "Depot", "symbol": "AAPL", "quantity": Decimal(1)}
    money = {"price": Decimal(90), "amount": Decimal(90), "fee": Decimal(0), "tax": Decimal(0), "currency": "USD"}
    mine.add_transactions(broken.portfolio_id, pl.DataFrame([sale | money]), source="test")
    outcome = materialize_all(settings)
    assert outcome.success
    said = {warning.rule: warning.message for warning in outcome.warnings}
    assert set(said) == {"everything_answered", "every_portfolio_computed"}
    assert "SPY" in said["everything_answered"]
    assert "Broken" in said["every_portfolio_computed"]
    assert table(settings, marts.COMPLETE_VIEWS)["portfolio_id"].n_unique() == 1


def test_a_held_symbol_that_nobody_prices_holds_up_nothing(settings, ledger, provider):
    provider.unknown.add("GHOST")
    mine = ledger.for_user("me")
    for portfolio in (mine.portfolio("Main"), mine.create_portfolio("Haunted", "EUR")):
        buy(ledger, portfolio.portfolio_id, "GHOST", BOUGHT_ON)
    outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    assert table(settings, marts.COMPLETE_VIEWS)["portfolio_id"].n_unique() == 2
    ghosts = table(settings, marts.HOLDINGS).filter(pl.col("symbol") == "GHOST")
    assert ghosts["value_base"].to_list() == [None, None]


def test_a_recomputation_sees_the_new_ledger_and_asks_nobody(settings, ledger, provider):
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "AAPL", CLOCK)
    steps = []
    outcome = execute_job("recompute", settings, progress=steps.append)
    assert outcome.success, outcome.failures
    assert provider.asked == []
    assert table(settings, marts.HOLDINGS)["quantity"].sum() == 20
    assert (steps[0].step, steps[-1].step) == ("ledger_mirrors", "published_warehouse")


def test_every_mart_says_how_many_rows_it_has(settings):
    job = located_job("recompute", settings, (), dg.colored_console_logger)
    result = job.execute_in_process(run_config={"loggers": {"console": {}}})
    shown = {one.asset_key.path[-1]: one.metadata for one in result.asset_materializations_for_node("marts")}
    counts = {name: metadata["dagster/row_count"].value for name, metadata in shown.items()}
    assert counts == {one.name: table(settings, one).height for one in MARTS}
    assert counts["holdings"] == 1


@pytest.mark.parametrize("job", ["dividends", "fx"])
def test_each_part_of_the_graph_ends_in_a_publication(settings, job):
    outcome = execute_job(job, settings)
    assert outcome.success, outcome.failures
    assert latest(settings) == outcome.publication


def test_an_interrupted_run_leaves_the_lock_free_and_the_publication_as_it_was(settings, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    published = latest(settings)
    monkeypatch.setattr("pipelines.defs.marts.portfolios.value_portfolios", interrupt)
    assert execute_job("recompute", settings).interrupted_by is signal.SIGINT
    assert not _is_locked(settings)
    assert latest(settings) == published
    assert last_run(settings)["status"] == "interrupted"


def test_a_step_that_fails_is_said_once_on_one_line(settings, monkeypatch, caplog, capfd):
    def fail(*_, **__):
        raise ValueError("first line\n  second line")

    monkeypatch.setattr("pipelines.defs.marts.portfolios.value_portfolios", fail)
    outcome = execute_job("recompute", settings)
    assert outcome.interrupted_by is None
    (said,) = outcome.failures
    assert said.endswith("ValueError: first line second line")
    assert [record.getMessage() for record in caplog.records if record.name == LOGGER] == []
    assert "second line" not in "".join(capfd.readouterr())
    assert last_run(settings)["message"] == f"not published: {said}"
