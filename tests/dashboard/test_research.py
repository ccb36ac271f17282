"""The Research page: what is stored of an instrument, and what providers say when a visitor asks them."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from opening import opened, read, words
from published import TODAY, declared, published

from dashboard.data.served import ops
from dashboard.views import research as view_of
from pipelines.portfolio.models import Status
from pipelines.portfolio.quotes import SymbolQuote
from pipelines.research import STATEMENTS, Article, Found
from tests.replay import ReplayServer
from warehouse.ops.lookups import Kept

D = Decimal


@pytest.fixture
def provider(monkeypatch):
    """Return a replay server that answers as Alpha Vantage, which takes no time to import."""
    with ReplayServer() as server:
        monkeypatch.setenv("FOLIO_PRICE_SOURCES", "alphavantage")
        monkeypatch.setenv("FOLIO_ALPHAVANTAGE_KEY", "secret")
        monkeypatch.setenv("FOLIO_ALPHAVANTAGE_URL", server.url)
        monkeypatch.setenv("FOLIO_ALPHAVANTAGE_LIMITS", "none")
        yield server


def test_what_is_stored_of_a_symbol_is_shown_without_asking_anybody(own, settings, provider):
    published(settings, *own, dividends=declared((dt.date(2026, 1, 12), None, "1.5")), named=("ACME",))
    page = opened("research", symbol="acme", on="2026-01-11")
    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["Price, EUR"] == "125.00"
    assert "106.00 EUR, close, traded on 11 Jan 2026, from test" in read(page.markdown)
    assert page.dataframe[0].value["A unit"].to_list() == [D("1.5")]
    page = page.button(key="watch_it").click().run()
    assert [row.symbol for row in own[0].watchlist().watched()] == ["ACME"]
    assert not page.exception
    assert provider.requests == []


@pytest.mark.parametrize("has_portfolio", [True, False])
def test_a_figure_of_an_instrument_says_where_it_comes_from(own, settings, has_portfolio):
    ledger, portfolio = own
    published(settings, ledger, portfolio, named=("ACME",))
    if not has_portfolio:
        ledger.delete_portfolio(portfolio.portfolio_id)
    told = {}
    for key in ("quote_price", "quote_day", "quote_range", "gained"):
        page = opened("research", symbol="ACME").button(key=f"why_{key}").click().run()
        assert not page.exception
        told[key] = next(table.value for table in page.dataframe if "Figure" in table.value)
    assert told["quote_price"]["From"][0] == "price_history ACME 30 Jan 2026; close, from test"
    assert told["quote_day"]["Value"].to_list()[1:] == ["125", "124"]
    assert "price_history ACME 29 Jan 2026" in told["quote_day"]["From"][2]
    assert told["quote_range"]["Value"].to_list()[1:] == ["100", "125"]
    assert told["gained"]["How"].to_list().count("first by second, less one") == 2


def test_a_day_after_the_one_that_is_looked_at_has_no_price(own, settings):
    published(settings, *own, named=("ACME",))
    page = opened("research", symbol="ACME", on="2027-01-01")
    assert not page.exception
    assert "1 Jan 2027 is after 30 Jan 2026" in read(page.markdown)


def test_a_part_of_a_name_finds_what_is_stored_and_providers_are_asked_on_demand(own, settings, provider):
    published(settings, *own, named=("ACME", "PENNY"))
    page = opened("research", symbol="pen")
    assert page.dataframe[0].value["Symbol"].to_list() == ["PENNY"]
    page = opened("research", symbol="pence").button(key="ask_search").click().run()
    assert not page.exception
    assert page.dataframe[0].value["Symbol"][0] == "PENCE.L"
    assert "From alphavantage, just now." in words(page.caption)


def test_the_last_answer_is_shown_with_its_age_where_nobody_answers(own, settings, provider, monkeypatch):
    published(settings, *own)
    monkeypatch.setenv("FOLIO_PRICE_SOURCES", "demo")
    article = '[{"title": "Old [news]", "url": "https://example.org/1", "published_at": "2026-01-02T10:00:00Z"}]'
    page = opened("research", symbol="SPLITS", part="News")
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
    ops().lookups().keep("news", "SPLITS", Kept("yahoo", long_ago, article))
    page = page.button(key="ask_news").click().run()
    assert not page.exception
    assert "names no provider" in read(page.warning)
    assert "From yahoo, 3 hours ago." in words(page.caption)
    assert r"[Old \[news\]](https://example.org/1)" in words(page.markdown)


def test_an_instrument_that_is_not_stored_has_statements_on_demand_before_there_is_a_portfolio(served, provider):
    page = opened("research", symbol="SPLITS")
    assert not page.exception
    assert "Nothing is stored of SPLITS" in words(page.info)
    page = page.button(key="ask_statements").click().run()
    assert not page.exception
    shown = page.dataframe[0].value
    assert shown.columns[0] == "Item"
    assert len(shown.columns) > 1


def test_statements_have_a_period_of_their_own_beside_the_portfolios(own, settings):
    published(settings, *own)
    page = opened("research", symbol="ACME", part="Statements", period="1M", statement_period="Quarterly")
    assert not page.exception
    assert page.selectbox(key="period").value == "1M"
    assert page.segmented_control(key="statement_period").value == "Quarterly"


@pytest.mark.parametrize(
    ("text", "symbol"),
    [("acme", "ACME"), (" ACME ", "ACME"), ("TSCO.L", "TSCO.L"), ("^GSPC", "^GSPC"), ("apple", None), ("A B", None)],
)
def test_what_is_a_symbol(text, symbol):
    assert view_of.symbol_of(text, {"ACME": "Acme Inc."}) == symbol


@pytest.mark.parametrize(
    ("name", "first"),
    [("All", "2020-06-01"), ("1M", "2025-12-01"), ("1Y", "2025-01-01"), ("YTD", "2025-12-01"), ("5Y", "2021-01-01")],
)
def test_a_range_begins_at_the_last_price_before_it(name, first):
    days = pl.date_range(dt.date(2020, 6, 1), dt.date(2026, 3, 1), "1mo", eager=True)
    found = view_of.window(pl.DataFrame({"date": days}), name, dt.date(2026, 1, 10))["date"]
    assert (str(found[0]), str(found[-1])) == (first, "2026-01-01")


def line(*closes):
    days = [TODAY - dt.timedelta(days=number) for number in reversed(range(len(closes)))]
    prices = [float(close) for close in closes]
    return pl.DataFrame({"date": days, "split_adjusted_close": prices, "adjusted_close": [p / 2 for p in prices]})


def test_what_a_range_gained_is_told_of_prices_alone_and_with_dividends():
    assert view_of.gained(line(100, 90, 110)).startswith("+10.00% from 28 Jan 2026 to 30 Jan 2026, prices alone; +10")
    assert view_of.gained(line(100)).startswith("– from")
    assert [*view_of.year(line(100, 90, 110), TODAY).values()] == [D(100), D(90), D(110)]
    assert not view_of.year(line(100), dt.date(2020, 1, 1))
    assert not view_of.explained_gains("ACME", line(100), "EUR").parts


def test_a_price_says_its_day_its_status_and_its_source():
    old = SymbolQuote("ACME", None, "EUR", D("0.00125"), dt.date(2026, 1, 2), Status.STALE, None, None)
    assert view_of.priced(old, "yahoo") == "0.00125 EUR, old, traded on 2 Jan 2026, from yahoo"
    none = SymbolQuote("ACME", None, None, None, None, Status.MISSING, None, None)
    assert view_of.priced(none, None) == "No price of ACME is known on or before that day."


def test_a_statement_has_a_column_a_period_the_newest_first():
    rows = [
        ("ACME", "income", "annual", dt.date(year, 12, 31), "EUR", item, D(amount))
        for year, item, amount in [(2024, "net_income", 1), (2025, "total_revenue", 30), (2025, "net_income", 2)]
    ]
    frame = pl.DataFrame(rows, schema=STATEMENTS, orient="row")
    found = view_of.statement(frame, "Annual")
    assert found.columns == ["Item", "2025-12-31", "2024-12-31"]
    assert sorted(found.rows()) == [("Net income", D(2), D(1)), ("Total revenue", D(30), None)]
    assert view_of.statement(frame, "Quarterly").is_empty()
    assert view_of.currency_of(frame) == "EUR"


def test_a_headline_links_to_nothing_but_the_web():
    said = {"title": "A *bold* claim", "published_at": dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "publisher": "Times"}
    shown = view_of.headline(Article(url="javascript:alert(1)", sentiment=0.25, **said))
    assert shown == "A \\*bold\\* claim  \n:small[2 Jan 2026 · Times · sentiment +0.25]"
    assert view_of.said(Found(), dt.datetime(2026, 1, 2, tzinfo=dt.UTC)) is None
