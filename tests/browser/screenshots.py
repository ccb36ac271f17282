"""Pictures of every page: ``python -m tests.browser.screenshots FOLDER [--home HOME]``.

Belongs here: taking them, in both themes and three widths. Does not: checking them, which somebody who looks does.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.servers import CHROMIUM, FLAGS, answer, served
from tests.pages import PAGES, SETTLED, path_of

WIDTHS = {390: 844, 1280: 900, 3840: 2160}


def take(browser: Browser, address: str, folder: Path, scheme: str) -> None:
    """Take every page in one theme; a picture is as tall as its page."""
    context = browser.new_context(color_scheme=scheme, locale="en-GB", reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    for name in PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{address}/{path_of(name)}")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(1_500)
            page.wait_for_function(SETTLED, timeout=60_000)
            inside = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
            page.set_viewport_size({"width": width, "height": max(height, min(int(inside) + 80, 6_000))})
            page.wait_for_timeout(1_000)
            page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
    context.close()


def main() -> None:
    """Serve the demo, or a home that is there, and take its pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        home = asked.home or Path(name)
        if asked.home is None and answer(home, "demo", "--no-serve")[0]:
            sys.exit("the demo could not be made")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for address in served(home):
                for scheme in ("light", "dark"):
                    take(browser, address, asked.folder, scheme)
            browser.close()


if __name__ == "__main__":
    main()
