"""What a reader waits for: ``python -m tests.benchmarks.first_paint``.

Belongs here: the first page and each turn to another one in a real browser, on a server that is warm. Does not: a script
run by itself (`pages`), many visitors at once (`sessions`).
"""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.benchmarks.home import asked_size, furnish
from tests.benchmarks.market import LAST
from tests.browser.servers import CHROMIUM, FLAGS, served
from tests.pages import FIRST, PAGES, SETTLED, path_of
from warehouse.settings import Settings

ROUNDS = 5
_VALUE = ".st-key-tile_value [data-testid=stMetricValue]"
_LINK = "a[data-testid=stTopNavDropdownLink]"
# From the click to the picture after the run in which the page's script has ended; a look for news is no such run, for
# it leaves the address as it is.
_TURN = """([path, index]) => new Promise(done => {
    const app = document.querySelector('[data-testid=stApp]')
    const begun = performance.now()
    let ran = false
    new MutationObserver((_, observer) => {
        if (app.dataset.testScriptState === 'running') ran = true
        if (!ran || app.dataset.testScriptState !== 'notRunning' || location.pathname !== path) return
        observer.disconnect()
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begun)))
    }).observe(app, {attributes: true})
    document.querySelectorAll('a[data-testid=stTopNavDropdownLink]')[index].click()
})"""


def painted(context: BrowserContext, address: str) -> float:
    """Return the seconds from nothing to the portfolio's value on the screen, in a new tab."""
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(_VALUE, timeout=60_000)
    taken = time.perf_counter() - started
    page.close()
    return taken


def painted_for_a_stranger(browser: Browser, address: str) -> float:
    """Return the same for a browser that has nothing of the application in its cache."""
    context = browser.new_context(locale="en-GB")
    taken = painted(context, address)
    context.close()
    return taken


def turned(page: Page, name: str) -> float:
    """Return the seconds from a click on a page's name in the menu to its picture."""
    groups = page.get_by_test_id("stTopNavSection")
    for group in groups.all():
        group.click()
        page.wait_for_selector(_LINK)
        links = page.locator(_LINK).evaluate_all("links => links.map(link => new URL(link.href).pathname)")
        if f"/{path_of(name)}" in links:
            taken = page.evaluate(_TURN, [f"/{path_of(name)}", links.index(f"/{path_of(name)}")])
            page.keyboard.press("Escape")
            page.wait_for_function(SETTLED, timeout=60_000)
            return float(taken) / 1000
        page.keyboard.press("Escape")
    raise LookupError(name)


def main() -> None:
    """Serve a generated portfolio and look at it."""
    size = asked_size()
    table = Table("page", "first s", "median s", title=f"{size.symbols} symbols, {size.transactions} transactions")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        furnish(Settings(home=home), size)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for address in served(home, FOLIO_CLOCK=LAST.isoformat()):
            first = painted_for_a_stranger(browser, address)
            again = statistics.median(painted_for_a_stranger(browser, address) for _ in range(ROUNDS))
            table.add_row("first paint, empty cache", f"{first:.2f}", f"{again:.2f}")
            reader = browser.new_context(locale="en-GB")
            first = painted(reader, address)
            again = statistics.median(painted(reader, address) for _ in range(ROUNDS))
            table.add_row("first paint, a reader again", f"{first:.2f}", f"{again:.2f}")
            page = reader.new_page()
            page.goto(address)
            page.wait_for_selector(_VALUE, timeout=60_000)
            taken: dict[str, list[float]] = {name: [] for name in PAGES if name != FIRST}
            for _ in range(1 + ROUNDS):
                for name, found in taken.items():
                    found.append(turned(page, name))
            for name, found in taken.items():
                table.add_row(f"turn to {name}", f"{found[0]:.2f}", f"{statistics.median(found[1:]):.2f}")
        browser.close()
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
