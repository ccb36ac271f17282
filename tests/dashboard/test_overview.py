"""The Overview: what it says, and what it shows when there is nothing or something wrong to show."""

import datetime as dt
import sqlite3
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from opening import opened, read, words
from published import BOUGHT, NOW, TODAY, published, purchase, stated, viewed

from dashboard.charts import overview as charts
from dashboard.chosen import Chosen
from dashboard.data import visits
from dashboard.views import overview
from dashboard.views.glance import glance
from dashboard.views.since import since
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.portfolio.explain import faults, taken_apart
from pipelines.portfolio.models import Warning_
from pipelines.portfolio.paid_in import value_and_paid_in
from warehouse.ops import Ops
from warehouse.ops.visits import Seen


@pytest.fixture
def page(served):
    return opened


def test_a_published_portfolio(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    shown = page()
    assert not shown.exception
    metrics = {metric.label: metric.value for metric in shown.metric}
    assert metrics["Value, EUR"] == "1,250.00"
    assert metrics["Total return, EUR"] == "+250.00"
    assert metrics["Time-weighted"] == "+25.00%"
    assert "computed live" not in words(shown.info)


def test_before_anything_is_published_the_page_says_what_to_do(page, settings):
    assert page().title[0].value == "Welcome to Folioduck"
    stated(settings)
    assert "folio refresh" in words(page().info)


def test_old_prices_are_named(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio, last=TODAY - dt.timedelta(days=10))
    shown = page()
    assert "ACME" in read(shown.warning)
    assert "100.00%" in read(shown.warning)


@pytest.mark.parametrize("name", [None, "holdings", "performance", "risk", "allocation", "tax"])
def test_a_name_has_no_effect_where_it_is_told(page, settings, name):
    own, portfolio = stated(settings)
    own.add_transactions(portfolio.portfolio_id, purchase().with_columns(symbol=pl.lit("**B** :red[x]")), source="test")
    published(settings, own, own.portfolio(portfolio.portfolio_id))
    shown = page(name)
    assert not shown.exception
    said = words([*shown.error, *shown.warning, *shown.info])
    assert "**B**" not in said
    assert verbatim("**B** :red[x]") in said


def test_what_figures_are_to_be_read_with_is_said_once(page, settings):
    own, portfolio = stated(settings)
    row = {"date": BOUGHT, "type": "SPLIT", "account": "Depot", "symbol": "BOLT", "currency": "EUR"}
    row |= {"ratio_new": Decimal(2), "ratio_old": Decimal(1), "fee": Decimal(0), "tax": Decimal(0)}
    own.add_transactions(portfolio.portfolio_id, pl.DataFrame([row, row]), source="test")
    published(settings, own, own.portfolio(portfolio.portfolio_id))
    shown = page()
    assert not shown.exception
    assert [text.value for text in shown.text if "BOLT" in text.value] == [
        f"Depot holds no BOLT on {formats.day(BOUGHT)}"
    ]


def test_a_run_that_failed_since_is_named_with_when_and_why(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    ops = Ops.open(settings.ops_url)
    ops.record_run_started("before", "refresh", NOW - dt.timedelta(hours=1))
    ops.record_run_ended("before", "failed", "not published: of old", NOW - dt.timedelta(minutes=50))
    assert "of old" not in read(page().warning)
    ops.record_run_started("after", "refresh", NOW + dt.timedelta(hours=1))
    ops.record_run_ended("after", "failed", "not published: close -5", NOW + dt.timedelta(hours=1))
    said = read(page().warning)
    assert "close -5" in said
    assert "19:00 UTC" in said


def test_a_ledger_that_moved_on_is_computed_live_and_says_so(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    own.add_transactions(portfolio.portfolio_id, purchase(quantity=1), source="test")
    shown = page()
    assert {metric.label: metric.value for metric in shown.metric}["Value, EUR"] == "1,375.00"
    assert "computed live" in words(shown.info)


def test_a_ledger_that_cannot_be_booked_is_an_error_that_helps(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    sale = purchase(quantity=99).with_columns(type=pl.lit("SELL"))
    own.add_transactions(portfolio.portfolio_id, sale, source="test")
    shown = page()
    assert not shown.exception
    assert "ACME" in read(shown.error)


def test_a_broken_publication_is_an_error_that_says_what_to_do(page, settings):
    own, portfolio = stated(settings)
    path = published(settings, own, portfolio).path.resolve()
    path.chmod(0o644)
    path.write_bytes(b"no database" * 1000)
    shown = page()
    assert not shown.exception
    assert "folio refresh" in read(shown.error)


def test_a_broken_ledger_is_an_error_that_says_so(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    for path in settings.home.glob("ledger.sqlite*"):
        path.write_bytes(b"no database" * 1000)
    shown = page()
    assert not shown.exception
    assert "ledger cannot be read" in read(shown.error)


def test_an_unpriced_holding_is_named_with_its_cost(settings):
    own, portfolio = stated(settings)
    own.add_transactions(portfolio.portfolio_id, purchase(symbol="NONE", quantity=2), source="test")
    view = viewed(own, own.portfolio(portfolio.portfolio_id))
    [notice] = overview.notices(view, live=False, clock=None)
    assert notice.level == "error"
    assert notice.text == (
        "No price of NONE is known: 200.00 EUR of cost is not in the value, and gains cannot be known."
    )
    tiles = {tile.key: tile.text for tile in overview.tiles(view)}
    assert (tiles["value"], tiles["total_gain"], tiles["twr"]) == ("1,250.00", formats.UNKNOWN, formats.UNKNOWN)
    assert overview.top(view)[0]["Priced"][-1] == "no price"
    assert "1 without a value" in overview.completeness(view)


def test_without_a_rate_nothing_is_called_worth_nothing(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    own.update_portfolio(portfolio.portfolio_id, base_currency="GBP")
    shown = page()
    assert not shown.exception
    assert "No exchange rate of EUR to GBP is known: neither the value nor a gain can be known." in read(shown.error)
    assert "0.00" not in read(shown.error)
    assert not shown.get("plotly_chart")
    assert "The value is known of no day." in words(shown.caption)


def test_money_of_an_unknown_currency_leaves_the_rest(settings):
    own, portfolio = stated(settings)
    row = purchase().with_columns(
        type=pl.lit("DEPOSIT"), currency=pl.lit("GBP"), symbol=None, quantity=None, price=None
    )
    own.add_transactions(portfolio.portfolio_id, row, source="test")
    [notice] = overview.notices(viewed(own, own.portfolio(portfolio.portfolio_id)), live=False, clock=None)
    assert notice.text.startswith("No exchange rate of GBP to EUR is known: ")


@pytest.mark.parametrize("query", [{"as_of": "2026-01-01"}, {"known_on": "2020-01-01"}], ids=str)
@pytest.mark.parametrize("path", [None, "transactions"])
def test_a_day_before_the_first_transaction_does_not_say_that_there_are_none(page, settings, path, query):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    shown = page(path, **query)
    assert not shown.exception
    assert "No transactions until then." in words(shown.info)
    if path is None:
        assert {metric.label: metric.value for metric in shown.metric}["Time-weighted"] == formats.UNKNOWN


def test_a_portfolio_without_a_transaction_says_so(page, settings):
    own, portfolio = stated(settings)
    own.undo(portfolio.portfolio_id, expected_version=portfolio.version)
    published(settings, own, own.portfolio(portfolio.portfolio_id))
    assert "No transactions yet. Enter or import some." in words(page().info)
    assert "No transactions yet. Enter one under New" in words(page("transactions").info)


def test_a_price_that_is_held_back_is_a_notice_and_no_remark_besides(settings):
    own, portfolio = stated(settings)
    held = Warning_(code="price_held_back", message="price of ACME of 2026-01-30 is held back (jump: 1 after 125)")
    view = viewed(own, portfolio).model_copy(update={"warnings": [held]})
    [notice] = overview.notices(view, live=False, clock=None)
    assert (notice.level, notice.text) == ("warning", "Price of ACME of 30 Jan 2026 is held back (jump: 1 after 125).")
    assert overview.remarks(view) == []


def test_contributions_add_up_beside_the_value(settings):
    own, portfolio = stated(settings)
    own.add_transactions(portfolio.portfolio_id, purchase(quantity=1, on=BOUGHT + dt.timedelta(days=3)), source="test")
    figure = charts.value_and_contributions(
        value_and_paid_in(viewed(own, own.portfolio(portfolio.portfolio_id)).performance)
    )
    value, paid = figure.data
    assert (paid.y[0], paid.y[-1]) == (1000, 1100)
    assert value.y[-1] == 1375


def test_small_classes_are_shown_together(settings):
    own, portfolio = stated(settings)
    rows = viewed(own, portfolio).allocations["symbol"]
    parts = [
        rows[0].model_copy(update={"key": key, "weight": weight})
        for key, weight in (("A", 0.98), *((f"B{number}", 0.002 - number * 1e-6) for number in range(10)))
    ]
    figure = charts.allocation(parts)
    largest = ["A", *(f"B{number}" for number in range(charts.ALWAYS - 1))]
    assert list(figure.data[0].y) == ["Others", *reversed(largest)]
    assert [name for name, _ in charts.bars(parts)] == [None, *reversed(largest)]  # no class is behind Others
    assert sum(figure.data[0].x) == pytest.approx(sum(part.weight for part in parts))


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (Decimal("-1234.5"), "-1,234.50"), (Decimal(0), "0.00"), (Decimal("0.005"), "0.00")],
)
def test_money_reads_as_money(value, text):
    assert formats.money(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (-0.125, "-12.50%"), (0.0, "0.00%"), (2.5, "+250.00%")])
def test_percent_reads_as_percent(value, text):
    assert formats.percent(value) == text


def test_what_moved_is_listed_and_explains_itself(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    shown = page()
    row = shown.dataframe[0].value.iloc[0]
    assert (row["Symbol"], row["Change"]) == ("ACME", Decimal(10))


@pytest.mark.parametrize(("days", "told"), [(0, None), (1, "29 Jan 2026")])
def test_a_day_without_a_price_says_of_which_day_the_change_is(settings, days, told):
    own, portfolio = stated(settings)
    view = viewed(own, portfolio, last=TODAY - dt.timedelta(days=days))
    tile = next(tile for tile in overview.tiles(view) if tile.key == "day_change")
    assert tile.text == "+10.00"
    assert (overview.earlier_day(view) is None) == (told is None)
    assert told is None or f"that of {told}" in tile.help


def test_small_lines_end_where_the_figures_stand(settings):
    own, portfolio = stated(settings)
    lines = glance(viewed(own, portfolio)).lines
    assert (lines["value"][-1], lines["total_gain"][-1], lines["twr"][-1]) == (1250.0, 250.0, pytest.approx(1.25))
    assert lines["day_change"][-1] == pytest.approx(10 / 1240)


def test_what_changed_since_the_last_visit_is_said(page, settings):
    own, portfolio = stated(settings)
    published(settings, own, portfolio)
    assert "last visit" not in words(page().info)
    own.add_transactions(portfolio.portfolio_id, purchase(symbol="BOLT"), source="more")
    assert "last visit" not in words(page().info)  # the same visit
    database = sqlite3.connect(settings.ops_path)
    database.execute("UPDATE visits SET at = '2026-01-01 12:00:00.000000', value = '1250', ledger_version = 2")
    database.commit()
    said = read(page().info)
    assert "Since your last visit, 1 Jan 2026, 12:00 UTC: value +100.00 EUR, from 1,250.00 to 1,350.00" in said
    assert "1 change of the ledger" in said


def test_a_value_of_another_currency_is_not_subtracted(served):
    own, portfolio = stated(served)
    published(served, own, portfolio)
    before = [Seen(NOW, Decimal(1250), "p", portfolio.version + more) for more in range(3)]
    own.update_portfolio(portfolio.portfolio_id, base_currency="USD")
    own.update_portfolio(portfolio.portfolio_id, name="Ours", base_currency="CHF")
    looked_at = Chosen(own.portfolio(portfolio.portfolio_id), TODAY, None, TODAY)
    assert [visits.currency_then(looked_at, one) for one in before] == ["EUR", "USD", "CHF"]
    said = since(before[0], replace(before[2], value=Decimal(1300)), "CHF", "EUR")
    assert "value 1,300.00 CHF, which was 1,250.00 EUR then; 2 changes of the ledger" in said


def test_the_gain_of_the_cost_is_explained_as_the_quotient_that_it_is(own):
    view = viewed(*own)
    shown, paths = overview.top(view)
    tree = taken_apart(view, overview.top_figure(shown, paths, 0, "gain_share"))
    assert (tree.value, [part.value for part in tree.parts]) == (0.25, [250, 1000])
    assert faults(tree) == []
    assert overview.top_figure(shown, paths, 0, "value_base") == "holdings.ACME@Depot.value_base"
    assert "Gain, %" in overview.TOP_FIGURES
