"""A page that stays open: what is stated elsewhere comes to it, and what is being typed stays."""

from decimal import Decimal

import polars as pl
import pytest
from servers import served

from tests.benchmarks.home import NAME, furnish
from tests.benchmarks.market import LAST, Size
from warehouse.ledger import Ledger
from warehouse.settings import Settings

pytestmark = pytest.mark.browser
SOON = 20_000
"""Milliseconds: a look a second; the rest is for a loaded machine."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("live") / "home"
    furnish(Settings(home=path), Size(symbols=5, transactions=40, years=1))
    return path


@pytest.fixture(scope="module")
def address(chromium, home):
    yield from served(home, FOLIO_CLOCK=LAST.isoformat())


def deposit(home, amount):
    own = Ledger.open(Settings(home=home).ledger_url).for_user("me")
    row = {"date": LAST, "type": "DEPOSIT", "account": "EUR", "amount": Decimal(amount), "currency": "EUR"}
    row |= {"fee": Decimal(0), "tax": Decimal(0)}
    own.add_transactions(own.portfolio(NAME).portfolio_id, pl.DataFrame([row]), source="elsewhere")


def test_what_is_stated_elsewhere_comes_to_an_open_page(browser, address, home):
    page = browser.new_page(locale="en-GB")
    page.goto(address)
    value = page.locator(".st-key-tile_value [data-testid=stMetricValue]")
    value.wait_for(timeout=60_000)
    before = value.inner_text()
    deposit(home, 1_000_000)
    page.wait_for_function(
        "before => ![before, undefined].includes("
        "document.querySelector('.st-key-tile_value [data-testid=stMetricValue]')?.innerText)",
        arg=before,
        timeout=SOON,
    )
    assert "computed live" in page.inner_text("[data-testid=stMain]")
    page.close()


def test_what_is_being_typed_stays(browser, address, home):
    page = browser.new_page(locale="en-GB")
    page.goto(f"{address}/holdings")
    box = page.get_by_placeholder("Symbol, name, sector …")
    box.wait_for(timeout=60_000)
    page.wait_for_selector("[data-testid=stDataFrame]", timeout=60_000)
    box.press_sequentially("S00")
    deposit(home, 1)
    page.wait_for_timeout(SOON)
    assert box.input_value() == "S00"
    assert page.evaluate("document.activeElement.getAttribute('placeholder')") == "Symbol, name, sector …"
    page.close()


def test_where_the_ledger_is_gone_the_badge_of_prices_goes_too_and_comes_back_with_it(browser, address, home):
    page = browser.new_page(locale="en-GB")
    page.goto(address)
    badge = page.locator(".st-key-age [data-testid=stMarkdownBadge], .st-key-age .stMarkdownBadge").first
    badge.wait_for(timeout=60_000)
    page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)  # the first page is whole
    path = home / "ledger.sqlite"
    away = path.rename(path.with_suffix(".away"))
    said = page.get_by_text("The ledger cannot be read")
    said.wait_for(timeout=SOON)
    assert not badge.is_visible()
    away.rename(path)
    said.wait_for(state="detached", timeout=SOON)
    badge.wait_for(timeout=SOON)
    page.close()
