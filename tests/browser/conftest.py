"""A demo that runs and a browser: what tests of pages need in common."""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from servers import CHROMIUM, FLAGS, Demo, answer

from tests.places import required


@pytest.fixture(scope="session")
def chromium():
    """Return the path of a browser."""
    if CHROMIUM is None and not required():
        pytest.skip("chromium is not installed on this machine")
    return CHROMIUM


@pytest.fixture(scope="session")
def demo_home(chromium, tmp_path_factory):
    """Return a home in which the demo was made; all processes of the tests share it, and none changes it.

    ``TEST_DEMO_HOME`` names one that is there already.
    """
    if made := os.environ.get("TEST_DEMO_HOME"):
        return Path(made)
    base = tmp_path_factory.getbasetemp()
    home = (base if os.environ.get("PYTEST_XDIST_WORKER") is None else base.parent) / "demo"
    with FileLock(f"{home}.lock"):
        if not home.exists():
            home.mkdir()
            code, _, said = answer(home, "demo", "--no-serve")
            assert code == 0, said
    return home


@pytest.fixture(scope="module")
def demo(demo_home, tmp_path_factory):
    """Return a demo that runs: started a second time, on what the first time made."""
    home = tmp_path_factory.mktemp("again") / "demo"
    shutil.copytree(demo_home, home, symlinks=True)
    running = Demo(home)
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
