"""SQL that visitors type: asked of the newest publication in a process of its own, and kept on record.

Belongs here: asking, the record, what there is to ask. Does not: fences and bounds (`warehouse.adhoc`), wording
(`views.sql`).
"""

import datetime as dt

import polars as pl
import streamlit as st

from dashboard.data.served import ops, publication, reader, settings
from warehouse.adhoc.asking import Answer, Asker, Bounds, Question


@st.cache_resource(max_entries=1, on_release=Asker.close)
def asker() -> Asker:
    """Return what answers queries, with a process that waits ready."""
    made = Asker(Bounds(seconds=settings().sql_seconds, memory_mb=settings().sql_memory_mb))
    made.warm()
    return made


def others_in_it() -> int:
    """Return how many other people's portfolios are in the newest publication, which SQL shows whole."""
    return _others(settings().user, publication().id)


def ask(query: str, most_rows: int) -> Question:
    """Ask a query of the newest publication; it is on record from before it is run, with its end later.

    Args:
        query: As typed.
        most_rows: Rows after which the answer is cut.

    Raises:
        PermissionError: If the publication has portfolios of other people.
        NoPublicationError: If nothing was published yet.
    """
    asked, user, record = publication(), settings().user, ops().queries()
    if _others(user, asked.id):
        raise PermissionError(asked.id)
    number = record.asked(user, asked.id, query, dt.datetime.now(dt.UTC))

    def note(answer: Answer) -> None:
        rows = None if answer.frame is None else answer.frame.height
        milliseconds = round(answer.seconds * 1000)
        record.ended(number, answer.outcome.value, message=answer.message, rows=rows, milliseconds=milliseconds)

    return asker().ask(asked.path.resolve(), query, most_rows=most_rows, then=note)


def columns() -> pl.DataFrame:
    """Return what there is to ask: ``table_name, column_name, data_type, stored_rows``, a row a column."""
    return _columns(publication().id)


@st.cache_data(max_entries=4, show_spinner=False)
def _columns(publication_id: str) -> pl.DataFrame:
    return reader().query_file("published_columns", publication_id=publication_id)


@st.cache_data(max_entries=4, show_spinner=False)
def _others(user: str, publication_id: str) -> int:
    query = "SELECT count(DISTINCT owner_id) FROM portfolios WHERE owner_id <> ?"
    return int(reader().query(query, [user], publication_id=publication_id).item())
