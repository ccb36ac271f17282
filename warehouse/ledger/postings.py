"""How accounts and transactions get into a portfolio, change and leave it, within one change.

Belongs here: statements on accounts, transactions and imports, and what they record. Does not: which rows are there
already (`recognition`), ownership, versions and database transactions (`repository`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, insert, select, update

from warehouse.ledger import checks, recognition
from warehouse.ledger.changing import Changing
from warehouse.ledger.errors import ChangedMeanwhileError, DuplicateExternalIdError, DuplicateNameError, NotFoundError
from warehouse.ledger.frames import rows_of
from warehouse.ledger.tables import ACCOUNTS, IMPORTS, PORTFOLIOS, TRANSACTIONS, USERS


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows that are to be added in one go, checked, and where they come from."""

    rows: list[dict[str, Any]]
    source: str
    sha256: str | None

    @classmethod
    def of(cls, frame: pl.DataFrame, *, source: str, sha256: str | None) -> "Batch":
        """Return the rows of a frame, every one of them checked by itself.

        Raises:
            FrameMismatchError: If the frame does not fit.
            InvalidValueError: If a value is one that no transaction has.
            DuplicateExternalIdError: If an external id is there twice.
        """
        rows = rows_of(frame)
        checks.check_rows(rows)
        seen: set[str] = set()
        for row in rows:
            if (external_id := row["external_id"]) is not None:
                if external_id in seen:
                    raise DuplicateExternalIdError(external_id, ())
                seen.add(external_id)
        return cls(rows=rows, source=source, sha256=sha256)

    def new_places(self, connection: Connection, portfolio_id: str) -> list[int]:
        """Return the places of the rows that a portfolio does not have yet.

        Raises:
            DuplicateExternalIdError: If an external id is there with other content.
        """
        return recognition.new_rows(connection, portfolio_id, self.rows, from_file=self.sha256 is not None)


def add(change: Changing, batch: Batch) -> int:
    """Add the rows that are not there yet, and return how many they were.

    Raises:
        DuplicateExternalIdError: If an external id is there with other content.
    """
    new = [batch.rows[place] for place in batch.new_places(change.connection, change.portfolio_id)]
    if not new:
        return 0
    _make_accounts(change, new)
    first = _take_sequences(change, len(new))
    numbers = {"portfolio_id": change.portfolio_id, "import_id": _record_import(change, batch, len(new))}
    stored = [
        {**row, **numbers, "transaction_id": f"{change.portfolio_id}-{sequence}", "sequence": sequence}
        for sequence, row in enumerate(new, start=first)
    ]
    change.connection.execute(insert(TRANSACTIONS), stored)
    for row, content in zip(stored, new, strict=True):
        change.record("added", "transaction", row["transaction_id"], after=content)
    return len(new)


def _make_accounts(change: Changing, rows: Iterable[Mapping[str, Any]]) -> None:
    names = {row[column] for row in rows for column in ("account", "to_account")} - {None}
    query = select(ACCOUNTS.c.account).where(ACCOUNTS.c.portfolio_id == change.portfolio_id)
    for name in sorted(names - set(change.connection.execute(query).scalars())):
        put_account(change, name, {"currency": None, "tracks_cash": None, "allow_short": False})


def refuse_changed(entity: str, name: str, seen: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> None:
    """Refuse to change a thing that says otherwise than the caller has seen; None for who has not looked.

    Raises:
        ChangedMeanwhileError: If it does.
    """
    differing = tuple(column for column in seen or () if now is None or now.get(column) != (seen or {})[column])
    if differing:
        raise ChangedMeanwhileError(entity, name, differing)


def refuse_taken(connection: Connection, user: str, name: str, *, besides: str = "") -> None:
    """Refuse the name of another portfolio, and one that somebody would take for it.

    Raises:
        DuplicateNameError: If the user has such a portfolio besides the one that is to have the name.
    """
    # The user is kept until the transaction ends, so that a name that is free stays free.
    connection.execute(select(USERS.c.user_id).where(USERS.c.user_id == user).with_for_update())
    others = select(PORTFOLIOS.c.name).where(PORTFOLIOS.c.owner_id == user, PORTFOLIOS.c.portfolio_id != besides)
    for other in connection.execute(others).scalars():
        if other.casefold() == name.casefold():
            raise DuplicateNameError(other)


def put_account(
    change: Changing, name: str, values: Mapping[str, Any], *, seen: Mapping[str, Any] | None = None
) -> None:
    """Make an account, or give the one of that name these values.

    Raises:
        ChangedMeanwhileError: If it says otherwise than ``seen``.
    """
    mine = (ACCOUNTS.c.portfolio_id == change.portfolio_id, ACCOUNTS.c.account == name)
    columns = [ACCOUNTS.c[column] for column in values]
    row = change.connection.execute(select(*columns).where(*mine)).mappings().first()
    before = None if row is None else dict(row)
    refuse_changed("account", name, seen, before)
    if before is None:
        change.connection.execute(insert(ACCOUNTS).values(portfolio_id=change.portfolio_id, account=name, **values))
    elif before != values:
        change.connection.execute(update(ACCOUNTS).where(*mine).values(**values))
    if before != values:
        change.record("changed" if before else "added", "account", name, before=before, after=values)


def _take_sequences(change: Changing, count: int) -> int:
    """Reserve numbers of entry and return the first; they are never used again, even after a deletion."""
    last = last_sequence(change)
    mine = PORTFOLIOS.c.portfolio_id == change.portfolio_id
    change.connection.execute(update(PORTFOLIOS).where(mine).values(last_sequence=last + count))
    return last + 1


def last_sequence(change: Changing) -> int:
    """Return the number of the transaction that was entered last."""
    mine = PORTFOLIOS.c.portfolio_id == change.portfolio_id
    return int(change.connection.execute(select(PORTFOLIOS.c.last_sequence).where(mine)).scalar_one())


def _record_import(change: Changing, batch: Batch, added: int) -> int:
    result = change.connection.execute(
        insert(IMPORTS).values(
            portfolio_id=change.portfolio_id,
            user_id=change.user,
            file_name=batch.source,
            sha256=batch.sha256,
            rows=len(batch.rows),
            added=added,
            imported_at=change.now,
        )
    )
    key = result.inserted_primary_key
    return int(key[0]) if key is not None else 0


def _stored(change: Changing, transaction_id: str) -> dict[str, Any]:
    query = select(*recognition.ROW_COLUMNS[1:]).where(
        TRANSACTIONS.c.portfolio_id == change.portfolio_id, TRANSACTIONS.c.transaction_id == transaction_id
    )
    row = change.connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError("transaction", transaction_id)
    return dict(row)


def change_one(
    change: Changing, transaction_id: str, changes: Mapping[str, Any], *, seen: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give a transaction other values and return its row.

    Raises:
        ChangedMeanwhileError: If it says otherwise than ``seen``.
        NotFoundError: If the portfolio has no such transaction.
        InvalidValueError: If a column cannot be changed or a value is not what it takes.
        DuplicateExternalIdError: If the new external id is another's.
    """
    before = _stored(change, transaction_id)
    refuse_changed("transaction", transaction_id, seen, before)
    checks.check_types(changes)
    after = {**before, **changes}
    if after == before:
        return after
    checks.check_rows([after])
    if after["external_id"] not in {None, before["external_id"]}:
        others = recognition.by_external_id(change.connection, change.portfolio_id, [after["external_id"]])
        for other in others.values():
            raise DuplicateExternalIdError(after["external_id"], (), other["transaction_id"])
    _make_accounts(change, [after])
    change.connection.execute(
        update(TRANSACTIONS).where(TRANSACTIONS.c.transaction_id == transaction_id).values(**after)
    )
    change.record("changed", "transaction", transaction_id, before=before, after=after)
    return after


def remove(change: Changing, transaction_id: str, *, seen: Mapping[str, Any] | None = None) -> None:
    """Delete a transaction.

    Raises:
        NotFoundError: If the portfolio has no such transaction.
        ChangedMeanwhileError: If it says otherwise than ``seen``.
    """
    before = _stored(change, transaction_id)
    refuse_changed("transaction", transaction_id, seen, before)
    change.connection.execute(delete(TRANSACTIONS).where(TRANSACTIONS.c.transaction_id == transaction_id))
    change.record("deleted", "transaction", transaction_id, before=before)


def remove_all(change: Changing) -> None:
    """Delete every transaction of the portfolio."""
    mine = TRANSACTIONS.c.portfolio_id == change.portfolio_id
    rows = change.connection.execute(
        select(*recognition.ROW_COLUMNS).where(mine).order_by(TRANSACTIONS.c.sequence)
    ).mappings()
    for row in rows:
        content = dict(row)
        change.record("deleted", "transaction", content.pop("transaction_id"), before=content)
    change.connection.execute(delete(TRANSACTIONS).where(mine))
