"""Whole runs with files in the inbox: taken whole, once, and a person's own rows before a provider's."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.defs.run import materialize_all
from tests.integration.defs.conftest import BOUGHT_ON, buy
from tests.integration.defs.test_runs import EVE, LAST, table
from warehouse.schema import market

pytestmark = pytest.mark.usefixtures("without_suites")


def test_a_file_in_the_inbox_is_taken_where_no_provider_answers(settings, ledger, provider):
    settings = settings.model_copy(update={"price_sources": ("small", "inbox"), "fx_sources": ("small", "inbox")})
    provider.unknown |= {"FUND", "AAPL"}
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "FUND", BOUGHT_ON)
    settings.inbox_dir.mkdir()
    (settings.inbox_dir / "prices.csv").write_text("symbol,date,close,currency\nFUND,2022-12-28,140.25,USD\n")
    outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    prices = table(settings, market.PRICE_HISTORY).filter(pl.col("symbol") == "FUND")
    assert prices.select("date", "close", "source").rows() == [(LAST, Decimal("140.25"), "inbox")]
    said = "".join(warning.message for warning in outcome.warnings)
    assert "small about AAPL" in said
    assert "inbox about AAPL: unknown symbol: no price in the files" in said


@pytest.fixture
def inbox(settings):
    """Return the deployment with an inbox, and what puts rows of prices into it."""
    settings.inbox_dir.mkdir()
    both = settings.model_copy(update={"price_sources": ("small", "inbox"), "fx_sources": ("small", "inbox")})

    def put(*rows, name="prices.csv"):
        (settings.inbox_dir / name).write_text("\n".join(["symbol,date,close,currency", *rows]) + "\n")

    return both, put


def closes(settings, symbol, *days):
    prices = table(settings, market.PRICE_HISTORY).filter(pl.col("symbol") == symbol)
    found = {day: (int(close), source) for day, close, source in prices.select("date", "close", "source").iter_rows()}
    return [found.get(day) for day in days]


def current(settings, symbol):
    master = table(settings, market.SYMBOLS).filter(pl.col("symbol") == symbol)
    return master.select("last_price", "price_source").row(0)


LONG_AGO = dt.date(2021, 3, 1)


def test_a_file_in_the_inbox_is_taken_whole_whoever_else_answers(inbox):
    settings, put = inbox
    put(f"AAPL,{LONG_AGO},90,USD", f"AAPL,{EVE},101,USD", f"AAPL,{LAST},100,USD", f"OTHER,{LONG_AGO},7,USD")
    assert materialize_all(settings).success
    assert closes(settings, "AAPL", LONG_AGO, EVE, LAST) == [(90, "inbox"), (101, "inbox"), (100, "small")]
    assert closes(settings, "OTHER", LONG_AGO) == [(7, "inbox")]
    revised = table(settings, market.revisions_of(market.PRICE_HISTORY))
    assert revised.select("symbol", "date", "close", "source").rows() == [("AAPL", EVE, Decimal(100), "small")]


def test_the_same_file_again_changes_no_row_and_a_persons_own_row_gives_way_to_no_provider(inbox, provider):
    settings, put = inbox
    put(f"AAPL,{LAST},101,USD")
    kept = (*market.HISTORIES, *market.REVISIONS)
    assert materialize_all(settings).success
    before = {one: table(settings, one) for one in kept}
    provider.says["AAPL", LAST] = Decimal(99)
    assert materialize_all(settings).success
    (settings.inbox_dir / "prices.csv").unlink()
    assert materialize_all(settings).success
    assert all(table(settings, one).equals(frame) for one, frame in before.items())
    assert current(settings, "AAPL") == (101, "inbox")
    put(f"AAPL,{LAST},102,USD", name="prices-corrected.csv")
    assert materialize_all(settings).success
    assert closes(settings, "AAPL", LAST) == [(102, "inbox")]
    assert current(settings, "AAPL") == (102, "inbox")


def test_a_few_rows_in_the_inbox_hide_no_gap_from_the_providers(inbox, ledger, provider):
    settings, put = inbox
    put(f"MSFT,{BOUGHT_ON},95,USD", f"MSFT,{LAST},96,USD")
    assert materialize_all(settings).success
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "MSFT", BOUGHT_ON)
    provider.asked.clear()
    assert materialize_all(settings).success
    (asked,) = (one for one in provider.asked if one.symbol == "MSFT")
    assert asked.start < BOUGHT_ON
    assert closes(settings, "MSFT", BOUGHT_ON, EVE, LAST) == [(95, "inbox"), (100, "small"), (96, "inbox")]
    provider.asked.clear()
    assert materialize_all(settings).success
    (again,) = (one for one in provider.asked if one.symbol == "MSFT")
    assert again.start > BOUGHT_ON


def test_rates_and_dividends_in_the_inbox_are_taken_whole_too(inbox):
    settings, _ = inbox
    (settings.inbox_dir / "fx.csv").write_text(f"date,from,to,rate\n{LONG_AGO},EUR,USD,1.21\n{EVE},EUR,USD,1.3\n")
    (settings.inbox_dir / "dividends.csv").write_text(
        f"symbol,ex_date,pay_date,amount,currency\nAAPL,{LONG_AGO},,0.2,USD\nNOBODYS,{EVE},,1,USD\n"
    )
    outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    rates = table(settings, market.FX_HISTORY).filter(pl.col("date").is_in([LONG_AGO, EVE]))
    assert rates.select("date", "per_eur").rows() == [(LONG_AGO, Decimal("1.21")), (EVE, Decimal("1.3"))]
    assert table(settings, market.DIVIDEND_HISTORY)["symbol"].to_list() == ["AAPL", "NOBODYS"]
    revised = table(settings, market.revisions_of(market.FX_HISTORY))
    assert revised["per_eur"].to_list() == [Decimal("1.05")]


def test_a_price_in_another_currency_is_not_taken_even_where_no_provider_answers(inbox, provider):
    settings, put = inbox
    put(f"AAPL,{LAST},90,EUR", name="prices-euro.csv")
    put(f"MYFUND,{LAST},7,EUR")
    provider.unknown.add("AAPL")
    outcome = materialize_all(settings)
    assert outcome.success, outcome.failures
    (line,) = (line for warning in outcome.warnings for line in warning.files)
    assert line.startswith("prices-euro.csv, line 2, column currency: found 'EUR'; expected USD")
    assert closes(settings, "AAPL", LAST) == [(100, "small")]
    assert closes(settings, "MYFUND", LAST) == [(7, "inbox")]
    master = table(settings, market.SYMBOLS).filter(pl.col("symbol") == "AAPL")
    assert master["currency"].to_list() == ["USD"]


def test_a_symbol_that_is_new_to_both_has_its_providers_currency(inbox, ledger):
    settings, put = inbox
    buy(ledger, ledger.for_user("me").portfolio("Main").portfolio_id, "MSFT", BOUGHT_ON)
    put(f"MSFT,{LAST},90,EUR")
    outcome = materialize_all(settings)
    assert [line[:20] for warning in outcome.warnings for line in warning.files] == ["prices.csv, line 2, "]
    assert set(table(settings, market.PRICE_HISTORY)["currency"]) == {"USD"}
