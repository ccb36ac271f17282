"""Pages that are run within the process of the tests."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _main_module_stays():
    """Put the main module back: a page that is run takes its place, and a process that is started would run the page."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
