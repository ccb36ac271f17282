"""What a person states and takes away with a browser, on a copy of the demo."""

import re
import shutil

import pytest
from servers import served

from tests.pages import SETTLED

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(demo_home, tmp_path_factory):
    home = tmp_path_factory.mktemp("stating") / "demo"
    shutil.copytree(demo_home, home, symlinks=True)
    yield from served(home)


@pytest.fixture
def page(browser):
    opened = browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


def settle(page):
    page.wait_for_timeout(400)
    page.wait_for_function(SETTLED, timeout=60_000)


@pytest.mark.parametrize("field", ["symbol", "note"])
def test_what_is_typed_before_the_charts_have_come_stays_where_it_is(page, address, field):
    page.goto(f"{address}/watchlist")
    typed = page.locator(f".st-key-watch_0_{field} input")
    typed.click()
    typed.evaluate("field => { field.typedInto = true }")
    page.keyboard.type("nvda")
    page.wait_for_timeout(2_500)
    settle(page)
    assert typed.evaluate("field => [field.typedInto, field.value]") == [True, "nvda"]


def test_a_form_has_its_day_on_a_slow_machine_too(page, address):
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 8})
    page.goto(f"{address}/transactions?do=New&kind=Buy")
    day = page.locator(".st-key-new_BUY_0_date")
    day.wait_for(timeout=60_000)
    page.wait_for_timeout(3_000)
    settle(page)
    from playwright.sync_api import expect  # noqa: PLC0415 - only where there is a browser

    expect(day).to_have_text(re.compile(r"28\D*12\D*2022$"), timeout=20_000)


def test_a_symbol_that_is_known_is_watched_however_it_is_typed(page, address):
    page.goto(f"{address}/watchlist")
    settle(page)
    page.locator(".st-key-watch_0_symbol input").fill("aapl")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Watch").click()
    page.get_by_text("AAPL is watched").wait_for()


def test_an_entry_is_made_by_keyboard_alone_and_known_names_are_offered(page, address):
    page.goto(f"{address}/transactions?do=New")
    settle(page)
    page.locator(".st-key-new_BUY_0_account input").focus()
    for text in ("Depot", "aapl", "10", "126.04"):
        page.keyboard.type(text, delay=50)
        page.keyboard.press("Tab")
    symbol = page.locator(".st-key-new_BUY_0_symbol input")
    assert symbol.input_value() == "aapl"
    offered = page.locator(f"datalist#{symbol.get_attribute('list')} option")
    assert "AAPL" in offered.evaluate_all("options => options.map(option => option.value)")
    page.get_by_role("button", name="Add").last.click()
    page.get_by_text("in USD, in which AAPL is priced").first.wait_for()


def test_a_target_that_is_being_typed_stays_while_the_ledger_changes(page, browser, address):
    page.goto(f"{address}/allocation")
    settle(page)
    editor = page.locator("[data-testid=stDataFrame]", has=page.locator("canvas")).last
    page.get_by_role("button", name="Save targets").scroll_into_view_if_needed()
    settle(page)
    page.wait_for_timeout(2_500)  # the charts come, and move what is below them
    box = editor.bounding_box()
    page.mouse.dblclick(box["x"] + box["width"] - 60, box["y"] + 52)
    page.locator("#portal input").wait_for()
    page.keyboard.type("40", delay=200)
    other = browser.new_page()
    other.goto(f"{address}/transactions?do=New&kind=Deposit")
    settle(other)
    other.locator(".st-key-new_DEPOSIT_0_account input").fill("Depot")
    other.locator(".st-key-new_DEPOSIT_0_amount input").fill("5000")
    other.get_by_role("button", name="Add").last.click()
    other.get_by_text("Added: Deposit").first.wait_for()
    other.close()
    page.wait_for_timeout(3_000)
    settle(page)
    page.keyboard.press("Enter")
    page.get_by_text("The targets sum to 40.00%").wait_for()


def test_who_renames_a_portfolio_goes_on_with_it_in_the_address_too(page, address):
    page.goto(f"{address}/settings?portfolio=US Growth")
    settle(page)
    name = page.locator("[class*=st-key-portfolio_][class*=_name] input")
    name.fill("West & East")
    name.press("Enter")
    page.get_by_text("Saved. Every figure follows.").first.wait_for()
    settle(page)
    assert name.input_value() == "West & East"
    assert page.url.endswith("?portfolio=West+%26+East")
    assert page.locator("[data-testid=stAlert]").count() == 1


@pytest.mark.parametrize(("kind", "start"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_a_chart_is_saved_as_either_picture(page, address, kind, start, tmp_path):
    page.goto(f"{address}/settings")
    settle(page)
    page.locator(".st-key-pictures").get_by_text(kind, exact=True).click()
    settle(page)
    page.get_by_test_id("stTopNavSection").filter(has_text="Market").click()
    page.locator("a[data-testid=stTopNavDropdownLink]", has_text="Research").click()
    page.wait_for_url("**/research*")
    settle(page)
    page.locator(".st-key-symbol input").fill("AAPL")
    page.keyboard.press("Enter")
    page.locator(".js-plotly-plot").hover()
    with page.expect_download() as saved:
        page.locator("[data-title^='Download plot']").click()
    assert saved.value.suggested_filename == f"price-AAPL.{kind.lower()}"
    saved.value.save_as(tmp_path / "picture")
    assert (tmp_path / "picture").read_bytes().startswith(start)
