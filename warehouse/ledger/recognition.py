"""Which rows of a file the ledger has already: a row is known by what it says, a file by nothing (ADR 8).

Belongs here: finding the rows that are new. Does not: storing them (`postings`), what a value may be (`checks`).

- A row with an ``external_id`` is there if a transaction has that id, with this content or with this content before a
  person changed it.
- A row without one is there as often as the portfolio has transactions of the same content, whichever way they came: of
  n equal rows in a file and m in the portfolio, max(0, n - m) are new. ``note`` and ``external_id`` are no part of
  that content: a person may write a note on a row, and have another file without ids.
- A transaction that was changed stands for what it said before, and if nothing in the file says that, for what it says
  now; never for two rows.
- A transaction whose entry was undone was never there; one whose deletion was undone is there again.
- A transaction that came from a file and was deleted stays deleted as long as any other row of the file is there. A
  file of which nothing is there any more is new as a whole: so a deleted row comes back in a file of its own.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from warehouse.ledger.errors import DuplicateExternalIdError
from warehouse.ledger.events import UNDONE, from_json
from warehouse.ledger.frames import ROWS
from warehouse.ledger.tables import IMPORTS, LEDGER_EVENTS, TRANSACTIONS

IDENTITY = tuple(name for name in ROWS.names if name not in {"external_id", "note"})
_IDENTIFY = itemgetter(*IDENTITY)
_AT_ONCE = 500
ROW_COLUMNS = [TRANSACTIONS.c[name] for name in ("transaction_id", *ROWS.names)]
"""What is read of a stored transaction: its id first, then what it says."""
ROW_TYPES = {column.name: column.dtype for column in ROWS.columns}
"""The columns of what a transaction says."""

Row = Mapping[str, Any]
Content = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Past:
    """What transactions said before: by id those that are changed and still there, and those of files that are not."""

    changed: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    deleted: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))


def new_rows(connection: Connection, portfolio_id: str, rows: Sequence[Row], *, from_file: bool) -> list[int]:
    """Return the places of the rows that a portfolio does not have yet, in order.

    Args:
        connection: A transaction; what is found holds as long as nobody else can write.
        portfolio_id: The portfolio.
        rows: Rows of ``ROWS``.
        from_file: Whether they are a file's, which brings what it brought before once more. Of any others only those
            with an ``external_id`` can be there already: whoever states the same twice means it.

    Raises:
        DuplicateExternalIdError: If an external id is there with other content.
    """
    past = _past(connection, portfolio_id) if from_file else _Past()
    known = by_external_id(connection, portfolio_id, [row["external_id"] for row in rows if row["external_id"]])
    standing = _by_id(rows, known, past.changed)
    if from_file:
        anonymous = [place for place, row in enumerate(rows) if row["external_id"] is None]
        standing |= _by_content(connection, portfolio_id, rows, anonymous, set(standing.values()), past)
    gone = _deleted(rows, standing, past) if standing else set()
    return [place for place in range(len(rows)) if place not in standing and place not in gone]


def by_external_id(connection: Connection, portfolio_id: str, external_ids: Sequence[str]) -> dict[str, Row]:
    """Return the transactions of a portfolio with one of these ids, by it: ``ROWS`` and ``transaction_id``."""
    found: dict[str, Row] = {}
    for start in range(0, len(external_ids), _AT_ONCE):
        query = select(*ROW_COLUMNS).where(
            TRANSACTIONS.c.portfolio_id == portfolio_id,
            TRANSACTIONS.c.external_id.in_(external_ids[start : start + _AT_ONCE]),
        )
        found |= {row["external_id"]: dict(row) for row in connection.execute(query).mappings()}
    return found


def _by_id(rows: Sequence[Row], known: Mapping[str, Row], changed: Mapping[str, list[Row]]) -> dict[int, str]:
    """Return which transaction stands for each row with an external id that is there, by the row's place."""
    standing = {}
    for place, row in enumerate(rows):
        if (stored := known.get(row["external_id"])) is not None:
            _refuse_other_content(row, stored, changed)
            standing[place] = stored["transaction_id"]
    taken = set(standing.values())
    formerly = {row["external_id"]: name for name, versions in changed.items() if name not in taken for row in versions}
    formerly.pop(None, None)
    return standing | {
        place: formerly[row["external_id"]]
        for place, row in enumerate(rows)
        if place not in standing and row["external_id"] in formerly
    }


def _refuse_other_content(row: Row, stored: Row, changed: Mapping[str, list[Row]]) -> None:
    differing = tuple(name for name in ROWS.names if stored[name] != row[name])
    name = stored["transaction_id"]
    if differing and not any(_content(version) == _content(row) for version in changed.get(name, ())):
        raise DuplicateExternalIdError(row["external_id"], differing, name)


def _by_content(
    connection: Connection,
    portfolio_id: str,
    rows: Sequence[Row],
    places: Sequence[int],
    taken: set[str],
    past: _Past,
) -> dict[int, str]:
    """Return which transaction stands for each row without an external id that is there, by the row's place."""
    wanted = _Wanted(rows, places)
    stored = _stored(connection, portfolio_id, [rows[place]["date"] for place in places])
    now = {name: content for name, content in stored.items() if name not in taken}
    changed = {name: [_content(row) for row in versions] for name, versions in past.changed.items()}
    standing = wanted.stand((name, [content]) for name, content in now.items() if name not in changed)
    standing |= wanted.stand((name, before) for name, before in changed.items() if name not in taken)
    left = (name for name in changed if name not in standing.values())
    return standing | wanted.stand((name, [now[name]]) for name in left if name in now)


def _deleted(rows: Sequence[Row], standing: Mapping[int, str], past: _Past) -> set[int]:
    """Return the rows that were there and that a person has deleted."""
    ids = {version["external_id"] for versions in past.deleted.values() for version in versions} - {None}
    left = [place for place in range(len(rows)) if place not in standing]
    named = {place for place in left if rows[place]["external_id"] in ids}
    wanted = _Wanted(rows, [place for place in left if rows[place]["external_id"] is None])
    said = ((name, [_content(row) for row in versions]) for name, versions in past.deleted.items())
    return named | set(wanted.stand(said))


class _Wanted:
    """Rows for which no transaction stands yet, by content; of equal ones the first in the file come first."""

    def __init__(self, rows: Sequence[Row], places: Iterable[int]) -> None:
        self._places: dict[Content, list[int]] = defaultdict(list)
        for place in sorted(places, reverse=True):
            self._places[_content(rows[place])].append(place)

    def stand(self, said: Iterable[tuple[str, Sequence[Content]]]) -> dict[int, str]:
        """Let each transaction stand for one row that says one of its contents, if there is one left."""
        found = {}
        for name, contents in said:
            place = next((self._places[one].pop() for one in contents if self._places.get(one)), None)
            if place is not None:
                found[place] = name
        return found


def _content(row: Row) -> Content:
    """Return what makes a row this row; numbers are equal however many zeros they end in."""
    content: Content = _IDENTIFY(row)
    return content


def _stored(connection: Connection, portfolio_id: str, days: Sequence[dt.date]) -> dict[str, Content]:
    """Return what the transactions of some span of days say, by their ids, in the order of entry."""
    if not days:
        return {}
    columns = [TRANSACTIONS.c[name] for name in ("transaction_id", *IDENTITY)]
    mine = TRANSACTIONS.c.portfolio_id == portfolio_id
    query = select(*columns).where(mine, TRANSACTIONS.c.date.between(min(days), max(days)))
    return {row[0]: tuple(row[1:]) for row in connection.execute(query.order_by(TRANSACTIONS.c.sequence))}


def _past(connection: Connection, portfolio_id: str) -> _Past:
    """Return what the trail says of transactions that were changed or deleted since they were added."""
    past = _Past()
    columns = [LEDGER_EVENTS.c[name] for name in ("entity_id", "action", "before", "after")]
    query = select(*columns).where(
        LEDGER_EVENTS.c.portfolio_id == portfolio_id,
        LEDGER_EVENTS.c.entity == "transaction",
        LEDGER_EVENTS.c.action.in_(("changed", "deleted", UNDONE)),
    )
    deleted: set[str] = set()
    for name, action, before, after in connection.execute(query.order_by(LEDGER_EVENTS.c.event_id)):
        if action == UNDONE:
            deleted.discard(name)
            if after is None:
                past.changed.pop(name, None)
            continue
        past.changed[name].append(from_json(before, ROW_TYPES))
        if action == "deleted":
            deleted.add(name)
    spans = list(_spans_of_files(connection, portfolio_id)) if deleted else []
    for name in deleted:
        versions = past.changed.pop(name)
        if any(_sequence(name) in span for span in spans):
            past.deleted[name] = versions
    return past


def _spans_of_files(connection: Connection, portfolio_id: str) -> Iterator[range]:
    """Yield the numbers of entry that files took; each import takes those that follow the one before."""
    query = select(IMPORTS.c.added, IMPORTS.c.sha256).where(IMPORTS.c.portfolio_id == portfolio_id)
    first = 1
    for added, sha256 in connection.execute(query.order_by(IMPORTS.c.import_id)):
        if sha256 is not None:
            yield range(first, first + added)
        first += added


def _sequence(transaction_id: str) -> int:
    return int(transaction_id.rpartition("-")[2])
