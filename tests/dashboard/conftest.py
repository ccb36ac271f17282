"""Pages that are run within the process of the tests."""

import functools
import sys

import pytest
from published import TODAY, stated


@pytest.fixture(scope="session", autouse=True)
def _packages_stay_what_they_are():
    """Have Streamlit look through the installed packages once, not for each page: it reads the metadata of every one."""
    from streamlit.components.v2 import manifest_scanner  # noqa: PLC0415 - only where a page is run

    found = functools.cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture(autouse=True)
def _main_module_stays():
    """Put the main module back: a page that is run takes its place, and a process that is started would run the page."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture
def served(settings, monkeypatch):
    """Return the settings that a page finds, on the day of what is published, with nothing cached."""
    import streamlit as st  # noqa: PLC0415 - only where a page is run

    monkeypatch.setenv("FOLIO_HOME", str(settings.home))
    monkeypatch.setenv("FOLIO_CLOCK", TODAY.isoformat())
    st.cache_resource.clear()
    st.cache_data.clear()
    return settings


@pytest.fixture
def own(served):
    """Return the repository of an owner and the portfolio, with one purchase, that nothing is published of yet."""
    return stated(served)
