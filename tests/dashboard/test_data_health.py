"""The Data health page: what it says of data that are well, old, held back or broken, and of runs that failed."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from opening import opened, read, words
from published import NOW, TODAY, published, purchase

from dashboard.data import health
from dashboard.views import data_health as view_of
from pipelines import formats
from pipelines.portfolio.difference import ChangedRow, Difference, Moved
from pipelines.providers.circuit import Breaker
from pipelines.providers.health import provider_health
from pipelines.providers.limits import Limit
from tests.held import held_back
from warehouse.build import open_candidate
from warehouse.ledger import Ledger
from warehouse.ops import Ops
from warehouse.ops.quarantine import RESOLUTIONS
from warehouse.publish import publish
from warehouse.published import publications
from warehouse.reader import Reader
from warehouse.schema import market
from warehouse.schema.ops import QUALITY_RESULTS

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def ops(settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    return Ops.open(settings.ops_url)


def test_what_is_published_is_listed_with_its_age(own, settings):
    published(settings, *own)
    page = opened("data_health")
    assert not page.exception
    tables = page.dataframe[1].value.set_index("Table")
    assert tables.loc["price_history", ["Rows", "Days ago"]].to_list() == [52, 0]
    assert not page.error


def test_before_anything_is_published_or_run_every_section_says_so(own, settings):
    page = opened("data_health")
    for section in view_of.SECTIONS:
        page.segmented_control(key="section").set_value(section).run()
        assert not page.exception, section
        assert words(page.info) or section == "Providers"


def test_without_a_ledger_it_says_so_and_shows_all_the_rest(own, settings, ops):
    published(settings, *own)
    ops.quarantine().record("r1", held_back(), pl.DataFrame(schema=RESOLUTIONS), LATER)
    (settings.home / "ledger.sqlite").rename(settings.home / "ledger.away")
    for section in view_of.SECTIONS[:-1]:
        page = opened("data_health", section=section)
        assert not page.exception, section
        assert [error.value.split(":")[0] for error in page.error] == ["The ledger cannot be read"], section
        assert words(page.info) or page.dataframe, section
        assert not page.text_input
    assert not (settings.home / "ledger.sqlite").exists()


def test_a_run_that_was_killed_is_told_of_in_a_sentence(own, settings, ops):
    published(settings, *own)
    ops.record_run_started("r2", "refresh", LATER)
    ops.record_run_ended("r2", "killed", "its process was *gone*", LATER)
    told = opened("data_health").error[0].value
    assert told.endswith(r"was killed: its process was \*gone\*.")


def test_a_run_that_failed_since_and_what_blocked_it_are_on_top(own, settings, ops):
    published(settings, *own)
    ops.record_run_started("r2", "refresh", LATER)
    ops.record_gate("r2", "price_history", "meets_declaration", False, True, 2, "[]", LATER)
    ops.record_run_ended("r2", "failed", "not published: close -5", LATER)
    page = opened("data_health", section="Checks")
    assert "The last publication stands" in page.error[0].value
    assert r"failed: not published\: close \-5." in page.error[0].value
    assert "price_history meets_declaration" in page.error[1].value
    assert page.dataframe[0].value["Result"].to_list() == ["failed, blocks"]
    page.segmented_control(key="section").set_value("Runs").run()
    assert page.dataframe[0].value["Status"].to_list() == ["failed"]


def test_a_truncated_publication_is_said_and_everything_else_still_shown(own, settings, ops):
    path = published(settings, *own).path.resolve()
    ops.record_run_started("r1", "refresh", NOW)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    page = opened("data_health")
    assert not page.exception
    assert "cannot be read" in read(page.error)
    assert "folio refresh" in read(page.error)
    page.segmented_control(key="section").set_value("Runs").run()
    assert not page.exception
    assert page.dataframe[0].value["Kind"].to_list() == ["refresh"]


def test_rows_are_accepted_with_a_reason_and_all_their_findings(own, settings, ops):
    nothing = pl.DataFrame(schema=RESOLUTIONS)
    ops.quarantine().record("r1", pl.concat([held_back(), held_back(rule="unit")]), nothing, NOW)
    page = opened("data_health", section="Held back")
    assert "2 fetched rows are held back" in words(page.warning)
    page.multiselect(key="released").set_value([1])
    page.text_input(key="reason").set_value("")
    accept = next(button for button in page.button if button.label == "Accept")
    accept.click().run()
    assert "reason" in read(page.error)
    page.multiselect(key="released").set_value([1])
    page.text_input(key="reason").set_value("seen on the exchange's page")
    next(button for button in page.button if button.label == "Accept").click().run()
    assert "2 accepted" in words(page.success)
    kept = Ledger.open(settings.ledger_url).market().releases()
    assert set(kept["reason"]) == {"seen on the exchange's page"}
    assert kept["quarantine_id"].to_list() == [1, 2]
    assert opened("data_health", section="Held back").dataframe[0].value["State"].to_list() == ["accepted", "accepted"]


def test_what_moved_is_computed_on_demand_and_once(own, settings, monkeypatch):
    asked = []
    moved = Moved(figure="summary.value", before=Decimal(1), after=Decimal(3), by_cause={"prices": Decimal(2)})

    def compare(_reader, portfolio_id, *, before, after):
        asked.append((portfolio_id, before, after))
        return Difference(as_of_before=TODAY, as_of_after=TODAY, figures=[moved], rows=[], rows_left_out=0)

    monkeypatch.setattr(health, "compare", compare)
    names = sorted(published(settings, *own).id for _ in range(2))
    page = opened("data_health", section="Publications")
    assert len(page.dataframe) == 1
    assert asked == []
    page.button(key="compare").click().run()
    assert page.dataframe[1].value.iloc[0].to_list() == ["summary.value", "1.00", "3.00", "+2.00"]
    page.run()
    assert asked == [(own[1].portfolio_id, *names)]


def test_an_address_names_publications_by_their_ids_and_the_page_by_their_moments(own, settings):
    first, second, third = sorted(published(settings, *own).id for _ in range(3))
    page = opened("data_health", section="Publications", **{"from": first, "to": second})
    assert not page.warning
    assert [page.selectbox(key=key).value for key in ("from", "to")] == [first, second]
    assert all(" UTC" in option for option in page.selectbox(key="from").options)
    page.selectbox(key="from").set_value(second).run()
    assert [page.selectbox(key=key).value for key in ("from", "to")] == [second, third]
    assert {key: page.query_params.get(key) for key in ("from", "to")} == {"from": None, "to": None}
    page.selectbox(key="from").set_value(first).run()
    assert page.query_params["from"] == first
    gone = opened("data_health", section="Publications", **{"from": "nonsense"})
    assert "under From, which cannot be: it is" in words(gone.warning)


def test_figures_that_moved_stand_beside_their_causes(monkeypatch):
    row = ChangedRow(
        cause="prices",
        change="changed",
        key={"symbol": "A", "date": "2026-01-02"},
        before={"close": "1.50", "fee": "0E-8", "on": "2026-01-02"},
        after=None,
    )
    moved = Moved(
        figure="summary.value", before=Decimal(1), after=None, by_cause={"prices": Decimal(-2), "days since": None}
    )
    ratio = Moved(figure="summary.twr", before=0.1, after=0.2, by_cause={"prices": 0.1})
    found = Difference(as_of_before=TODAY, as_of_after=TODAY, figures=[moved, ratio], rows=[row], rows_left_out=0)
    minus = formats.minus()
    assert view_of.moved(found).rows() == [
        ("summary.value", "1.00", "–", f"{minus}2.00", "–"),
        ("summary.twr", "10.00%", "20.00%", "+10.00%", None),
    ]
    assert view_of.changed(found).rows() == [
        ("Prices", "changed", "A 2026-01-02", "close 1.5, fee 0, on 2026-01-02", None)
    ]
    formats.write_for(formats.Reader(hides_amounts=True))
    assert view_of.moved(found)["Before"].to_list() == [formats.HIDDEN, "10.00%"]
    assert view_of.changed(found)["Before"].to_list() == [formats.HIDDEN]
    formats.write_for(formats.Reader())


def sessions(*days):
    closes = [dt.datetime.combine(day, dt.time(17), dt.UTC) for day in days]
    rows = {"exchange": ["XETR"] * len(days), "date": list(days), "closes_at": closes}
    return market.TRADING_SESSIONS.conform(pl.DataFrame(rows, schema_overrides=market.TRADING_SESSIONS.polars_schema))


def master(symbol, **more):
    row = {"symbol": symbol, "currency": "EUR", "price_unit": "EUR", "status": "active", "exchange": "XETR"}
    row |= {"updated_at": NOW, **more}
    return market.SYMBOLS.conform(pl.DataFrame([row], schema_overrides=market.SYMBOLS.polars_schema))


def test_the_age_of_a_price_is_in_sessions_of_its_exchange(settings):
    days = [dt.date(2026, 1, day) for day in (26, 27, 28, 29, 30)]
    candidate = open_candidate(settings, "run")
    for symbol, last in (("NEW", 29), ("OLD", 26), ("GONE", 26), ("NONE", None), ("COIN", 26)):
        own = {"GONE": {"status": "delisted"}, "COIN": {"exchange": None}}.get(symbol, {})
        rows = {"symbol": [symbol], "date": [dt.date(2026, 1, last or 1)], "close": [Decimal(1)], "currency": ["EUR"]}
        rows |= {"source": ["test"], "fetched_at": [NOW], "known_from": [NOW], "bulk_loaded": [False]}
        prices = market.PRICE_HISTORY.conform(pl.DataFrame(rows, schema_overrides=market.PRICE_HISTORY.polars_schema))
        candidate.record_prices(prices.head(0 if last is None else 1), master(symbol, **own), now=NOW)
    candidate.replace(market.TRADING_SESSIONS, sessions(*days))
    publish(candidate, settings, now=NOW)
    morning = dt.datetime(2026, 1, 30, 9, tzinfo=dt.UTC)
    found = Reader(settings).query_file("symbol_freshness", [dt.date(2026, 1, 30), morning])
    behind = dict(found.select("symbol", "sessions_behind").iter_rows())
    assert behind == {"NEW": 0, "OLD": 3, "GONE": 3, "NONE": None, "COIN": None}
    said = dict(view_of.symbols(found, "All").select("Symbol", "State").iter_rows())
    assert said == {"NEW": "current", "OLD": "behind", "GONE": "delisted", "NONE": "no price", "COIN": "no calendar"}
    assert sorted(view_of.symbols(found, "Behind")["Symbol"]) == ["NONE", "OLD"]
    assert view_of.symbols(found, "Held").is_empty()
    assert view_of.counted_symbols(found).startswith("1 of 5 symbols priced from the last session")
    assert "1 behind it, 1 no calendar, 1 without a price, 1 delisted" in view_of.counted_symbols(found)


def test_what_is_held_or_stated_and_nobody_told_of_is_listed(own, settings):
    ledger, portfolio = own
    unheard = purchase(symbol="UNHEARD").with_columns(currency=pl.lit("KES"))
    ledger.add_transactions(portfolio.portfolio_id, unheard, source="test")
    published(settings, ledger, ledger.portfolio(portfolio.portfolio_id))
    page = opened("data_health")
    symbols, _, rates = (table.value for table in page.dataframe)
    [row] = symbols[symbols["Symbol"] == "UNHEARD"].to_dict("records")
    assert (row["State"], row["Held"], row["Last price of"], row["Currency"]) == ("no price", "yes", None, "KES")
    assert rates["Currency"].to_list() == ["KES"]
    assert rates["Last fixing"].isna().all()
    assert "1 without a price" in words(page.caption)


def test_what_failed_comes_before_what_passed():
    rows = [("r", "a", "x", True, True, 0), ("r", "b", "y", False, False, 3), ("r", "c", "z", False, True, 1)]
    names = ["run_id", "table_name", "rule", "passed", "blocking", "failed_rows"]
    frame = pl.DataFrame(rows, schema=names, orient="row").with_columns(checked_at=pl.lit(NOW), sample=pl.lit(None))
    found = view_of.gates(QUALITY_RESULTS.conform(frame.cast({"checked_at": pl.Datetime("us", "UTC")})))
    assert found.select("Result", "Table").rows() == [("failed, blocks", "c"), ("remarked", "b"), ("passed", "a")]


def test_how_a_provider_stands_is_said_in_words(ops):
    shared = ops.providers()
    limits = {"yahoo": (Limit(5, 86_400),)}
    shared.record_call("ecb", True, 20, None, NOW)
    breaker = Breaker(give_up_after=2)
    for _ in range(2):
        shared.record_call("yahoo", False, 20, "HTTP 503", NOW)
        entry = shared.change_circuit("yahoo", lambda circuit: breaker.enter(circuit, NOW))
        shared.change_circuit("yahoo", lambda circuit, entry=entry: (breaker.failed(circuit, entry, NOW), None))
    asked = frozenset({"yahoo", "ecb", "inbox"})
    found = provider_health(shared, limits, asked=asked, now=NOW, breaker=breaker)
    said = {row["Provider"]: row for row in view_of.providers(found).to_dicts()}
    assert said["yahoo"]["State"] == "left alone until 18:01:00 UTC"
    assert (said["yahoo"]["Quota left"], said["yahoo"]["Last error"]) == (5, "HTTP 503")
    assert (said["ecb"]["State"], said["inbox"]["State"]) == ("asked", "not asked yet")
    assert view_of.left_alone(found) == ["yahoo"]


def test_a_run_leads_to_its_page_where_dagster_is_served(ops):
    ops.record_run_started("r1", "refresh", NOW)
    ops.record_run_started("r2", "quotes", LATER)
    ops.record_run_ended("r2", "published", None, LATER + dt.timedelta(seconds=75))
    found = view_of.runs(ops.runs(), "http://127.0.0.1:3000")
    assert found.select("Kind", "Took", "Run").rows() == [
        ("quotes", "1 min", "http://127.0.0.1:3000/runs/r2"),
        ("refresh", "–", "http://127.0.0.1:3000/runs/r1"),
    ]
    assert view_of.runs(ops.runs(), None)["Run"].to_list() == ["r2", "r1"]


def test_times_are_times_whose_zone_the_title_says(own, settings, ops):
    published(settings, *own)
    ops.record_run_started("r1", "refresh", LATER)
    ops.record_run_ended("r1", "killed", "noticed at 2026-01-30 18:10:07Z", LATER)
    run = view_of.runs(ops.runs(), None)
    kept = view_of.kept(publications(settings))
    assert (run["Started, UTC"].to_list(), run["Message"].to_list()) == ([LATER], ["noticed at 30 Jan 2026, 18:10 UTC"])
    assert kept["Published, UTC"].to_list() == [NOW]
    assert "noticed at 30 Jan 2026, 18:10 UTC" in read(opened("data_health").error)


def test_a_run_that_runs_is_no_failure(ops):
    ops.record_run_started("r1", "refresh", NOW)
    gates = QUALITY_RESULTS.empty()
    assert view_of.findings(published=None, runs=ops.runs(), gates=gates, waiting=0) == []
    tiles = {tile.key: tile for tile in view_of.tiles(published=None, runs=ops.runs(), gates=gates, waiting=0, now=NOW)}
    assert (tiles["last_run"].text, tiles["last_run"].up, tiles["published"].text) == ("running", None, "–")


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0, "0 s"), (90, "1 min"), (3_700, "1 h 1 min"), (200_000, "2 d 7 h")]
)
def test_a_span_reads_well(seconds, text):
    assert view_of.duration(None if seconds is None else dt.timedelta(seconds=seconds)) == text
