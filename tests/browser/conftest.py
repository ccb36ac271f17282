"""A demo that runs and a browser: what tests of pages need in common."""

import pytest
from servers import CHROMIUM, FLAGS, Demo

from tests.places import required


@pytest.fixture(scope="session")
def chromium():
    """Return the path of a browser."""
    if CHROMIUM is None and not required():
        pytest.skip("chromium is not installed on this machine")
    return CHROMIUM


@pytest.fixture(scope="module")
def demo(chromium, tmp_path_factory):
    running = Demo(tmp_path_factory.mktemp("demo"))
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()
