"""Pages as a reader opens them, run within the process of the tests, and what they say."""

import re

from streamlit.testing.v1 import AppTest

from dashboard import first_look
from tests.pages import APP


def opened(page: str | None = None, **query: str) -> AppTest:
    """Return a page of `dashboard.app_pages`, or the first one, by an address with these parameters."""
    app = AppTest.from_file(str(APP), default_timeout=30)
    for name, value in first_look.seen().items():
        app.session_state[name] = value
    for name, value in query.items():
        app.query_params[name] = value
    return app.run() if page is None else app.switch_page(f"app_pages/{page}.py").run()


def words(elements) -> str:
    """Return what elements say, one after the other."""
    return " ".join(element.value for element in elements)


def read(elements) -> str:
    """Return what is read of elements: their words, without what keeps somebody's text from having effect."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words(elements))
