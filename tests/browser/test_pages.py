"""Every page in a browser: in both themes and three widths nothing overflows, complains or is out of reach."""

import shutil
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from servers import served

from tests.benchmarks.home import furnish
from tests.benchmarks.market import LAST, Size
from tests.pages import FIRST, PAGES, SETTLED, path_of
from warehouse.settings import Settings

pytestmark = pytest.mark.browser
WIDTHS = (390, 1280, 3840)
IN_TURN = [*(name for name in PAGES if name != FIRST), FIRST]
"""All pages; a reader who turns through them has begun with the first."""
READABLE = 9
"""Pixels of the smallest writing."""
GRAVE = {"serious", "critical"}
OVERFLOW = """() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]
    .map(part => part.scrollWidth - part.clientWidth))"""
CUT_OFF = """() => [...document.querySelectorAll('[data-testid=stMetricValue], [data-testid=stMetricValue] *')]
    .filter(part => part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX !== 'visible')
    .map(part => part.innerText)"""
"""Headline figures of which not every digit is seen."""
# Streamlit's own: its server answers a page's address below itself with 404 before it finds the right one.
KNOWN = ("_stcore/health", "_stcore/host-config")
LINK = "a[data-testid=stTopNavDropdownLink]"


@pytest.fixture(scope="module")
def large(chromium, tmp_path_factory):
    home = tmp_path_factory.mktemp("large") / "home"
    furnish(Settings(home=home), Size(symbols=500, transactions=2_500, years=2))
    yield from served(home, FOLIO_CLOCK=LAST.isoformat())


@pytest.fixture(scope="module")
def address(demo_home, tmp_path_factory):
    home = tmp_path_factory.mktemp("pages") / "demo"
    shutil.copytree(demo_home, home, symlinks=True)
    yield from served(home)


@pytest.fixture(scope="module")
def context(browser):
    """Return one visitor, whose browser keeps what pages share."""
    opened = browser.new_context(locale="en-GB", reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.fixture
def visit(context):
    opened = Visit(context.new_page())
    yield opened
    opened.page.close()


class Visit:
    """A page, and what its console said."""

    def __init__(self, page):
        self.page, self.said, self.asked = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message):
        known = any(part in message.location.get("url", "") for part in KNOWN)
        if message.type == "error" and not known:
            self.said.append(f"{message.text} {message.location.get('url', '')}")

    def open(self, address, name):
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.goto(f"{address}/{path_of(name)}")
        self.page.wait_for_function(SETTLED, timeout=60_000)
        self.page.wait_for_timeout(300)

    def overflow(self):
        """Return by how many pixels the page is too wide, by width; empty where it fits."""
        found = {}
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.wait_for_timeout(250)
            # A table is drawn anew a moment after its window has changed: what stays too wide is too wide.
            with suppress(PlaywrightTimeoutError):
                self.page.wait_for_function(f"() => ({OVERFLOW})() <= 0", timeout=5_000)
            found[width] = self.page.evaluate(OVERFLOW)
        return {width: over for width, over in found.items() if over > 0}

    def turn(self, name):
        """Turn to another page by its name in the menu, as a reader does, in the size and light of an office."""
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light")
        for section in self.page.get_by_test_id("stTopNavSection").all():
            section.click()
            self.page.wait_for_selector(LINK)
            links = self.page.locator(LINK)
            paths = links.evaluate_all("links => links.map(link => new URL(link.href).pathname)")
            if f"/{path_of(name)}" in paths:
                links.nth(paths.index(f"/{path_of(name)}")).click()
                break
            self.page.keyboard.press("Escape")
        self.page.wait_for_function("path => location.pathname === path", arg=f"/{path_of(name)}")
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(SETTLED, timeout=60_000)

    def barriers(self, *rules):
        """Return what keeps somebody from using the page, by rule; without any named, by all rules."""
        asked = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
        found = Axe().run(self.page, options=asked).response["violations"]
        return {item["id"]: [node["html"][:200] for node in item["nodes"]] for item in found if item["impact"] in GRAVE}

    def is_broken(self):
        return self.page.locator("[data-testid=stException]").count() > 0


def turning(context, address):
    """Yield a visitor who turns from page to page, as long as this takes."""
    opened = Visit(context.new_page())
    opened.open(address, FIRST)
    yield opened
    opened.page.close()


@pytest.fixture(scope="module")
def analyst(context, address):
    """Return a visitor of the demo."""
    yield from turning(context, address)


@pytest.mark.parametrize("name", IN_TURN)
def test_every_page_fits_and_can_be_used_by_everybody(analyst, address, name):
    analyst.turn(name)
    assert analyst.overflow() == {}
    assert analyst.barriers() == {}
    analyst.page.emulate_media(color_scheme="dark")
    assert analyst.barriers("color-contrast") == {}, "dark"
    assert not analyst.is_broken()
    assert analyst.said == []
    outside = [url for url in analyst.asked if not url.startswith((address, "data:", "blob:"))]
    assert outside == []


def test_the_map_of_the_world_is_drawn(visit, address):
    visit.open(address, "allocation")
    visit.page.wait_for_selector(".choroplethlayer path", timeout=60_000)
    assert any(url.endswith("/world_110m.json") for url in visit.asked)


def test_a_month_that_is_clicked_says_where_it_comes_from(visit, address):
    visit.open(address, "performance")
    months = visit.page.locator(".st-key-months .js-plotly-plot")
    months.scroll_into_view_if_needed()
    visit.page.wait_for_timeout(500)
    months.click()
    visit.page.get_by_role("dialog").get_by_text("performance.monthly.").first.wait_for(timeout=60_000)


@pytest.mark.parametrize(
    ("page", "chart", "said"),
    [
        ("", "value_and_contributions", "value and contributions on"),
        ("performance", "growth", "growth until"),
        ("income?income=To+come", "income-to-come", "income to come in"),
        ("allocation?shape=Treemap", "shares_Treemap", "value of"),
    ],
)
def test_a_day_a_bar_or_a_part_of_a_chart_that_is_clicked_says_where_it_comes_from(visit, address, page, chart, said):
    visit.open(address, page)
    drawn = visit.page.locator(f".st-key-{chart} .js-plotly-plot")
    drawn.scroll_into_view_if_needed()
    visit.page.wait_for_timeout(500)
    box = drawn.bounding_box()
    visit.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.8)
    visit.page.wait_for_timeout(300)
    visit.page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.8)
    visit.page.get_by_role("dialog").get_by_text(said).first.wait_for(timeout=60_000)


def test_a_table_is_taken_away_by_its_own_buttons_alone(visit, address):
    visit.open(address, "holdings")
    visit.page.get_by_test_id("stDataFrame").first.hover()
    visit.page.get_by_label("Search", exact=True).first.wait_for()
    assert visit.page.get_by_label("Fullscreen").first.is_visible()
    assert not any(button.is_visible() for button in visit.page.get_by_label("Download as CSV").all())


@pytest.fixture(scope="module")
def reader(context, large):
    """Return a visitor of the large portfolio."""
    yield from turning(context, large)


@pytest.mark.parametrize("name", IN_TURN)
def test_five_hundred_holdings_fit_on_every_page(reader, name):
    reader.turn(name)
    assert reader.page.evaluate(OVERFLOW) <= 0
    for width in (390, 1280):
        reader.page.set_viewport_size({"width": width, "height": 900})
        reader.page.wait_for_timeout(250)
        assert reader.page.evaluate(CUT_OFF) == []
    assert not reader.is_broken()
    assert reader.said == []


def test_figures_are_written_as_the_browser_writes_them(browser, address):
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("[data-testid=stMetricValue]", timeout=60_000)
    assert "28.12.2022" in page.inner_text("[data-testid=stMain]")
    assert "117.131,08" in page.inner_text(".st-key-tile_value")
    context.close()


def test_months_can_be_read_on_a_phone_and_scroll_within_the_page(visit, address):
    visit.open(address, "performance")
    visit.page.set_viewport_size({"width": 390, "height": 900})
    months = visit.page.locator(".st-key-months")
    months.scroll_into_view_if_needed(timeout=30_000)
    written = months.locator("g.heatmaplayer text")
    written.first.wait_for(state="attached", timeout=30_000)
    visit.page.wait_for_timeout(1_000)
    assert written.first.evaluate("text => parseFloat(getComputedStyle(text).fontSize)") >= READABLE
    assert visit.page.evaluate(OVERFLOW) <= 0
    assert months.evaluate("months => months.scrollWidth > months.clientWidth")
