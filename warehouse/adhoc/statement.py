"""What counts as a query: one statement, which reads.

Belongs here: refusing the rest before anything is run. Does not: bounding what is run (`child`).
"""

import re

import duckdb

from warehouse.errors import RefusedQueryError

_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # DuckDB would read up to the first, and has no word for the others
_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
READS = "SELECT, FROM, WITH, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN"
_SAYS_WHERE = re.compile(
    r"duckdb_settings|pg_settings|current_setting|duckdb_databases|database_list"
    # These build a query, or the name of a table, from any text.
    r"|json_execute_serialized_sql"
    r"|\bquery(_table)?\b(?=[\s\"\u200b\ufeff]*(\(|/\*|--))",
    re.IGNORECASE,
)
"""What of DuckDB's own catalogue tells paths of the machine, or reaches that under a name that is put together."""


def check(query: str) -> None:
    """Refuse what is not one query that reads.

    DuckDB takes a PIVOT apart into statements without a text: what a person has written has one.

    Raises:
        RefusedQueryError: If it is empty, more than one, or would change something.
        duckdb.ParserException: If it is no SQL, in DuckDB's words.
    """
    if _NO_TEXT.search(query):
        message = "there are characters in it that no text has"
        raise RefusedQueryError(message)
    asked = [found for found in duckdb.extract_statements(query) if found.query or found.type in _READING]
    if len(asked) > 1:
        message = "more than one query: ask one at a time"
        raise RefusedQueryError(message)
    if not asked or asked[0].type not in _READING:
        raise RefusedQueryError(f"not a query that reads ({READS})")


def check_says_no_place(query: str) -> None:
    """Refuse what would show where files lie on the machine, for those who are not its owner.

    Raises:
        RefusedQueryError: If it names one of DuckDB's own views and functions that do.
    """
    if found := _SAYS_WHERE.search(query):
        raise RefusedQueryError(f"{found[0]} is not answered here")
