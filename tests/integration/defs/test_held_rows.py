"""Whole runs of a provider that says what is not to be believed: held back, said everywhere, healed, released."""

import datetime as dt
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from pipelines.defs.run import execute_job, materialize_all
from tests.integration.defs.conftest import BOUGHT_ON, SESSIONS, buy, copied, with_provider
from tests.integration.defs.test_runs import EVE, LAST, last_run, table
from warehouse.build import open_candidate
from warehouse.ops import Ops
from warehouse.publish import publish
from warehouse.published import latest
from warehouse.schema import market, ops

pytestmark = pytest.mark.usefixtures("without_suites")
D = Decimal
NAMES = ["B", "C"]
WARNED = """
SELECT w ->> 'code', coalesce(w ->> '$.data.symbol', w ->> '$.data.currency'), w ->> '$.data.used'
FROM (SELECT unnest(from_json(document -> 'warnings', '["JSON"]')) AS w FROM complete_views WHERE section = 'top')
WHERE contains(w ->> 'code', 'held_back') ORDER BY 1
"""
"""What the documents say of figures that wait: which warning, of what, and the day of the figure in its place."""


def held(settings):
    return Ops.open(settings.ops_url).quarantine().rows()


def close_of(settings, symbol, day):
    prices = table(settings, market.PRICE_HISTORY).filter(pl.col("symbol") == symbol, pl.col("date") == day)
    return prices["close"].to_list()


@pytest.fixture(scope="module")
def lied_home(published_home, without_suites, tmp_path_factory):
    """Return a home after a run in which the provider said -5 of AAPL's eve, and how that run went."""
    settings = copied(published_home, tmp_path_factory.mktemp("lied"))
    with pytest.MonkeyPatch.context() as patch:
        with_provider(patch).says["AAPL", EVE] = D(-5)
        outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    return settings.home, outcome


@pytest.fixture
def lied(lied_home, provider, tmp_path):
    """Return a deployment of the test's own after that run, the provider still saying so, and how it went."""
    home, outcome = lied_home
    provider.says["AAPL", EVE] = D(-5)
    return copied(home, tmp_path), outcome


def test_a_row_that_cannot_be_is_held_back_named_everywhere_and_the_rest_is_published(lied):
    settings, outcome = lied
    assert close_of(settings, "AAPL", EVE) == [100]
    row = held(settings).row(0, named=True)
    assert (row["table_name"], row["key"], row["value"], row["state"]) == (
        "price_history",
        f"AAPL {EVE}",
        "-5",
        "open",
    )
    assert table(settings, ops.QUARANTINE).row(0, named=True) == row
    assert [(one.table, one.rule) for one in outcome.warnings] == [("price_history", "believable_fetch")]
    assert "about AAPL, date 2022-12-27, rule not_positive, value -5" in outcome.warnings[0].message
    results = table(settings, ops.QUALITY_RESULTS).filter(pl.col("run_id") == outcome.run_id, ~pl.col("passed"))
    assert results.select("table_name", "rule", "blocking", "failed_rows").sort("rule").rows() == [
        ("price_history", "believable_fetch", False, 1),
        ("price_history", "not_positive", False, 1),
    ]


def test_the_same_lie_again_is_the_same_row(lied):
    settings, _ = lied
    before = held(settings)
    outcome = materialize_all(settings)
    again = held(settings)
    assert again.select("quarantine_id", "first_seen_at").equals(before.select("quarantine_id", "first_seen_at"))
    assert again["run_id"].to_list() == [outcome.run_id]
    assert again["last_seen_at"].item() > before["last_seen_at"].item()


def test_a_mended_row_enters_and_says_so_once_it_is_published(lied, provider, monkeypatch):
    settings, _ = lied
    provider.says["AAPL", EVE] = D("100.5")
    rehearsed = execute_job("refresh", settings, selection=["price_history", "symbols", "split_history", "dividend_history", "fetched_prices", "fetched_symbols", "fetched_splits", "fetched_dividends", "trading_sessions"])  # fmt: skip
    assert rehearsed.success, rehearsed.failures
    assert held(settings)["state"].to_list() == ["open"]
    assert materialize_all(settings).success
    assert close_of(settings, "AAPL", EVE) == [D("100.5")]
    assert held(settings).select("state", "resolution").rows() == [("resolved", "believable")]
    assert table(settings, ops.QUARANTINE).select("state", "resolution").rows() == [("resolved", "believable")]
    revised = table(settings, market.revisions_of(market.PRICE_HISTORY))
    assert revised.select("symbol", "date", "close").rows() == [("AAPL", EVE, 100)]


def test_a_symbol_is_asked_again_from_its_earliest_held_day(settings, ledger, provider):
    first = SESSIONS[3]
    provider.says["NEW", first] = D(-1)
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "NEW", first)
    assert materialize_all(settings).success
    del provider.says["NEW", first]
    provider.asked.clear()
    assert materialize_all(settings).success
    starts = {one.symbol: one.start for one in provider.asked}
    assert starts == {"NEW": first, "AAPL": LAST - dt.timedelta(days=7), "SPY": LAST - dt.timedelta(days=7)}
    assert close_of(settings, "NEW", first) == [100]
    provider.asked.clear()
    assert materialize_all(settings).success
    assert {one.symbol: one.start for one in provider.asked}["NEW"] == LAST - dt.timedelta(days=7)


def test_a_close_that_was_told_anew_is_asked_for_again_and_returns_with_its_provider(settings, provider):
    early = next(day for day in SESSIONS if day >= BOUGHT_ON)
    provider.says["AAPL", early] = D("100.5")
    assert materialize_all(settings, symbols=["AAPL"]).success
    assert close_of(settings, "AAPL", early) == [D("100.5")]
    provider.says.clear()
    provider.asked.clear()
    assert materialize_all(settings).success
    assert {one.symbol: one.start for one in provider.asked} == {"AAPL": early, "SPY": LAST - dt.timedelta(days=7)}
    assert close_of(settings, "AAPL", early) == [100]


def test_a_rate_that_was_told_anew_is_asked_for_again_and_returns_with_its_source(settings, ledger, provider):
    """A currency that is new is asked for from the first day on, and the others with it."""

    def rate():
        return table(settings, market.FX_HISTORY).filter(currency="USD", date=BOUGHT_ON)["per_eur"].item()

    ledger.for_user("me").create_portfolio("Kronor", "SEK")
    provider.rated["USD", BOUGHT_ON] = D("1.053")
    assert materialize_all(settings).success
    assert rate() == D("1.053")
    provider.rated.clear()
    assert materialize_all(settings).success
    assert rate() == D("1.05")


def test_a_released_row_enters_and_is_held_back_no_more_unless_it_changes(settings, ledger, provider):
    provider.says["AAPL", LAST] = D(1)
    assert materialize_all(settings).success
    assert close_of(settings, "AAPL", LAST) == [100]
    assert held(settings)["rule"].to_list() == ["hundredfold"]
    ledger.market().release("me", held(settings).to_dicts(), reason="it is the market that fell")
    provider.says["AAPL", LAST] = D("1.02")
    assert materialize_all(settings).success
    assert close_of(settings, "AAPL", LAST) == [100]
    assert held(settings).select("value", "state").rows() == [("1.02", "open")]
    provider.says["AAPL", LAST] = D(1)
    outcome = materialize_all(settings)
    assert outcome.success
    assert close_of(settings, "AAPL", LAST) == [1]
    assert held(settings).select("state", "resolution").rows() == [("released", "released")]


def test_a_split_that_is_taken_back_gives_the_units_back(settings, provider):
    def units_and_value():
        with duckdb.connect(str(latest(settings).path), read_only=True) as file:
            said = "SELECT quantity, price FROM holdings WHERE symbol = 'AAPL'"
            return file.execute(said).fetchone(), table(settings, market.SPLIT_HISTORY).height

    provider.says["AAPL", LAST], provider.splits["AAPL", LAST] = D(50), 2
    assert materialize_all(settings).success
    assert units_and_value() == ((20, 50), 1)
    provider.says.clear()
    provider.splits.clear()
    assert materialize_all(settings).success
    assert units_and_value() == ((10, 100), 0)
    assert table(settings, market.revisions_of(market.SPLIT_HISTORY))["ratio_new"].to_list() == [2]
    waiting = table(settings, ops.QUARANTINE).filter(pl.col("table_name") == "split_history")
    assert waiting.select("rule", "state").rows() == [("split_unlike_prices", "open")]


def test_nothing_is_made_up_where_rows_are_held_back_and_missing(settings, ledger, provider):
    """LATE is 100 times too dear for three days, and so is the krona; nobody has GHOST, and nobody has the pound."""
    mine, good, bad = ledger.for_user("me"), SESSIONS[-4], SESSIONS[-3:]
    for base, symbols in (("SEK", ("LATE", "GHOST")), ("GBP", ("AAPL",))):
        portfolio = mine.create_portfolio(base, base)
        for symbol in symbols:
            buy(ledger, portfolio.portfolio_id, symbol, BOUGHT_ON)
    provider.unknown.add("GHOST")
    provider.lacks.add("GBP")
    provider.says |= {("LATE", day): D(10_000) for day in bad}
    provider.rated |= {("SEK", day): D(105) for day in bad}
    outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    with duckdb.connect(str(latest(settings).path), read_only=True) as file:
        said = file.execute(
            "SELECT symbol, price, price_date, price_status, fx_rate, fx_date, fx_status, value_base,"
            " unrealized_gain_base FROM holdings JOIN portfolios USING (portfolio_id)"
            " WHERE base_currency <> 'EUR' ORDER BY symbol"
        ).fetchall()
        warned = file.execute(WARNED).fetchall()
        waiting = file.execute("SELECT about, date FROM quarantine WHERE state = 'open' ORDER BY 1, 2")
        assert waiting.fetchall() == [(name, day) for name in ("LATE", "SEK") for day in bad]
    # The document says what counts in place of what waits.
    assert warned == [("price_held_back", "LATE", str(good)), ("rate_held_back", "SEK", str(good))]
    aapl, ghost, late = said
    # Known price, no rate: no value, rather than one at a rate of 1.
    assert aapl == ("AAPL", 100, LAST, "close", None, None, "missing", None, None)
    # No price: no value and no gain, rather than cost.
    assert (ghost[1:4], ghost[7:]) == ((None, None, "missing"), (None, None))
    # The last price and rate that were believed, with their day.
    assert late[1:7] == (100, good, "close", 1, good, "close")
    assert late[7] == 1000


def test_a_fetch_of_which_much_is_not_believed_of_several_symbols_blocks(settings, ledger, provider):
    for name in NAMES:
        buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, name, SESSIONS[0])
    published = latest(settings)
    lied = [*((name, day) for name in NAMES for day in SESSIONS[:10]), ("AAPL", EVE)]
    provider.says |= dict.fromkeys(lied, D(-1))
    outcome = materialize_all(settings)
    assert held(settings).height == len(lied)
    assert latest(settings) == published
    (gate,) = outcome.failed_gates
    assert (gate.table, gate.rule) == ("price_history", "believable_fetch")
    assert "21 of 68 fetched rows are not believed, more than 5%" in gate.message
    assert last_run(settings)["status"] == "failed"
    assert gate.message in last_run(settings)["message"]


def test_most_rows_of_both_symbols_of_a_small_portfolio_block_and_one_bad_day_of_each_does_not(settings, provider):
    published, days = latest(settings), SESSIONS[-6:]
    provider.says |= {(name, day): D(-1) for name in ("AAPL", "SPY") for day in days[1:]}
    (gate,) = materialize_all(settings).failed_gates
    assert (gate.table, gate.rule) == ("price_history", "believable_fetch")
    assert "10 of 12 fetched rows are not believed, more than 50%" in gate.message
    assert latest(settings) == published
    provider.says = {(name, LAST): D(-1) for name in ("AAPL", "SPY")}
    outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    assert held(settings).filter(state="open").height == 2


def test_a_position_whose_later_prices_are_all_held_back_blocks_and_is_named(settings, ledger, provider):
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "B", SESSIONS[0])
    provider.says |= {("B", day): D(-1) for day in SESSIONS[-10:]}
    outcome = materialize_all(settings)
    (gate,) = outcome.failed_gates
    assert (gate.table, gate.rule) == ("holdings", "priced_although_held")
    assert "symbol B, price_status stale, price_date 2022-12-14, held_back 10" in gate.message


def test_prices_in_another_currency_are_said_and_block_once_the_last_believed_one_is_stale(settings, provider):
    """The last week is told in pounds, too; what nobody believes is what is new."""
    ahead = [day for day in (LAST + dt.timedelta(n) for n in range(1, 11)) if day.weekday() < 5]
    provider.currency, provider.sessions = "GBP", [*SESSIONS, *ahead]
    assert materialize_all(settings.model_copy(update={"clock": ahead[0]})).success
    with duckdb.connect(str(latest(settings).path), read_only=True) as file:
        assert file.execute(WARNED).fetchall() == [("price_held_back", "AAPL", str(LAST))]
    (gate,) = materialize_all(settings.model_copy(update={"clock": ahead[-1]})).failed_gates
    assert (gate.table, gate.rule) == ("holdings", "priced_although_held")
    assert f"symbol AAPL, price_status stale, price_date {LAST}" in gate.message


@pytest.mark.parametrize(("symbol", "blocks"), [("AAPL", True), ("SPY", False)])
def test_a_priced_symbol_that_the_master_has_lost_blocks_where_it_is_held(settings, symbol, blocks):
    candidate = open_candidate(settings, "loses-it")
    candidate.sql_write("DELETE FROM symbols WHERE symbol = ?", [symbol])
    published = publish(candidate, settings, now=dt.datetime.now(dt.UTC), as_of=LAST)
    outcome = execute_job("recompute", settings)
    assert outcome.success is not blocks
    assert (latest(settings) == published) is blocks
    gates = Ops.open(settings.ops_url).gates().filter(rule="priced_without_master", passed=False)
    assert gates.select("table_name", "blocking", "failed_rows").rows() == [("holdings", blocks, 1)]
    assert [(gate.table, gate.rule) for gate in outcome.failed_gates] == [
        ("holdings", "priced_without_master")
    ] * blocks
