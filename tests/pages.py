"""The dashboard's pages, as its folder names them."""

from pathlib import Path

APP = Path(__file__).parents[1] / "dashboard" / "app.py"
PAGES = tuple(sorted(path.stem for path in (APP.parent / "app_pages").glob("*.py")))
FIRST = "overview"
SETTLED = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton]')
    && document.querySelector('[data-testid=stMain] [data-testid=stElementContainer]')"""
"""What is true in a browser once a page stands still."""


def path_of(page: str) -> str:
    """Return the path of a page's address; the first page has none."""
    return "" if page == FIRST else page
