"""What a page shows when there is nothing to show: empty and error states that help.

Belongs here: failures that a visitor can do something about, in words, and showing what figures lack. Does not: wording
that (`views.overview`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import DatabaseError

from dashboard.data import served
from dashboard.data.served import LedgerGoneError
from dashboard.views import overview
from dashboard.views.verbatim import verbatim, with_commands
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.models import CompleteView
from warehouse.errors import NoPublicationError, WarehouseError
from warehouse.ledger import LedgerError

UNREADABLE = (WarehouseError, LedgerError, DatabaseError)
"""What is raised where the stores cannot be read."""


@contextmanager
def guarded() -> Iterator[None]:
    """Turn known failures into a sentence and what to do about it."""
    try:
        yield
    except NoPublicationError:
        not_published()
        st.stop()
    except EngineError as error:
        st.error(f"The ledger cannot be computed: {verbatim(str(error))}", icon=":material/error:")
        st.stop()
    except UNREADABLE as error:
        st.error(unreadable(error), icon=":material/error:")
        st.stop()


def not_published() -> None:
    """Say that nothing is published yet, and how it comes to be; or that what was is gone."""
    if (error := served.gone()) is not None:
        st.error(unreadable(error), icon=":material/error:")
        return
    st.info(
        "Nothing is published yet. While `folio up` runs it fetches prices soon after a transaction is stated; "
        "`folio refresh` does so at once. What this page shows comes by itself then.",
        icon=":material/info:",
    )
    _ways_in()


def unreadable(error: Exception) -> str:
    """Return why the stores cannot be read, and who says more.

    Args:
        error: One of `UNREADABLE`.
    """
    match error:
        case DatabaseError():
            said = " ".join(str(error.orig).split()).rstrip(".?!")
            why = f"The ledger cannot be read: {verbatim(said)}"
        case LedgerGoneError():
            why = f"The ledger cannot be read: {with_commands(str(error))}"
        case _:
            why = with_commands(str(error))
            why = why[:1].upper() + why[1:]
    return f"{why}. `folio status` says more."


def nothing_yet(why: str) -> None:
    """Say that a page has nothing to show, with the way to where transactions come in; the page ends with it."""
    st.info(why, icon=":material/info:")
    _ways_in()
    st.stop()


def _ways_in() -> None:
    for doing, label in (("New", "Enter a transaction"), ("Import", "Import a file")):
        st.page_link(
            "app_pages/transactions.py", label=label, icon=":material/receipt_long:", query_params={"do": doing}
        )


def shortcomings(view: CompleteView) -> None:
    """Say above a page's figures which prices and rates they lack, and which are old."""
    for notice in overview.notices(view, live=False, clock=None):
        {"error": st.error, "warning": st.warning}[notice.level](with_commands(notice.text))
