"""Taking back the last change of a portfolio, from its audit trail.

Belongs here: which change it is, and putting every row back as it was before. Does not: deciding whether the ledger can
do without it (the repository's check).

A change is what has one version in the trail. An undoing is a change as well, with its own events, and says which one
it took back; it is never taken back itself. So the changes that are left can be undone one after the other, the last
first, and every row is found as its change has left it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from warehouse.ledger.changing import Changing
from warehouse.ledger.describing import DESCRIBES
from warehouse.ledger.errors import NothingToUndoError
from warehouse.ledger.events import UNDONE, from_json
from warehouse.ledger.postings import refuse_taken
from warehouse.ledger.recognition import ROW_TYPES
from warehouse.ledger.records import LastChange, LedgerEvent
from warehouse.ledger.tables import (
    ACCOUNTS,
    ALLOCATION_TARGETS,
    DIVIDEND_DECISIONS,
    LEDGER_EVENTS,
    MANUAL_PRICES,
    PORTFOLIOS,
    SYMBOL_OVERRIDES,
    TRANSACTIONS,
)
from warehouse.schema import ledger as declared

Row = Mapping[str, Any]
_DECISIONS = {
    column.name: column.dtype for column in declared.DIVIDEND_DECISIONS.columns if column.name != "portfolio_id"
}
_PRICES = {column.name: column.dtype for column in declared.MANUAL_PRICES.columns if column.name != "portfolio_id"}
_ACCOUNT = ("currency", "tracks_cash", "allow_short")
_PORTFOLIO = ("name", "base_currency", "cost_method", "benchmark")


def last_change(connection: Connection, portfolio_id: str) -> LastChange | None:
    """Return the last change that was not taken back, and that is none that takes another back; None without any."""
    events = LEDGER_EVENTS.c
    mine = events.portfolio_id == portfolio_id
    undone = select(events.undoes).where(mine, events.undoes.is_not(None))
    # The first version is the portfolio's own making.
    standing = (mine, events.undoes.is_(None), events.version > 1, events.version.not_in(undone))
    version = connection.execute(select(func.max(events.version)).where(*standing)).scalar()
    if version is None:
        return None
    of_it = (mine, events.version == version)
    count = connection.execute(select(func.count()).where(*of_it)).scalar_one()
    query = select(LEDGER_EVENTS).where(*of_it).order_by(events.event_id.desc()).limit(1)
    last = LedgerEvent(**connection.execute(query).mappings().one())
    return LastChange(version=version, at=last.at, user_id=last.user_id, events=count, last=last)


def undo(change: Changing) -> LastChange:
    """Put every row of the last change back as it was before, and return that change.

    Raises:
        NothingToUndoError: If there is none.
        DuplicateNameError: If the portfolio cannot have its former name back.
    """
    last = last_change(change.connection, change.portfolio_id)
    if last is None:
        raise NothingToUndoError(change.portfolio_id)
    events = LEDGER_EVENTS.c
    query = select(LEDGER_EVENTS).where(events.portfolio_id == change.portfolio_id, events.version == last.version)
    rows = change.connection.execute(query.order_by(events.event_id.desc())).mappings().all()
    change.undoes = last.version
    for row in rows:
        _PUT_BACK[row["entity"]](change, row["entity_id"], row["before"], row["after"])
        change.record(UNDONE, row["entity"], row["entity_id"], before=row["after"], after=row["before"])
    return last


def _transaction(change: Changing, name: str, before: Row | None, after: Row | None) -> None:
    said = None if before is None else from_json(before, ROW_TYPES)
    numbers = {"portfolio_id": change.portfolio_id, "sequence": int(name.rpartition("-")[2])}
    _put(change, TRANSACTIONS, {"transaction_id": name}, after, said and said | ({} if after else numbers))


def _account(change: Changing, name: str, before: Row | None, after: Row | None) -> None:
    said = before and {column: before.get(column) for column in _ACCOUNT}
    _put(change, ACCOUNTS, {"portfolio_id": change.portfolio_id, "account": name}, after, said)


def _portfolio(change: Changing, name: str, before: Row | None, after: Row | None) -> None:
    said = {column: (before or {}).get(column) for column in _PORTFOLIO}
    if said["name"] != change.portfolio.name:
        refuse_taken(change.connection, change.portfolio.owner_id, str(said["name"]), besides=name)
    _put(change, PORTFOLIOS, {"portfolio_id": name}, after, said)


def _decision(change: Changing, _name: str, before: Row | None, after: Row | None) -> None:
    said = from_json(before or after or {}, _DECISIONS)
    key = {"portfolio_id": change.portfolio_id} | {name: said.pop(name) for name in ("account", "symbol", "ex_date")}
    _put(change, DIVIDEND_DECISIONS, key, after, said if before else None)


def _targets(change: Changing, dimension: str, before: Row | None, _after: Row | None) -> None:
    mine = {"portfolio_id": change.portfolio_id, "dimension": dimension}
    change.connection.execute(delete(ALLOCATION_TARGETS).where(*_is(ALLOCATION_TARGETS, mine)))
    rows = [{**mine, "key": key, "target": Decimal(target)} for key, target in (before or {}).items()]
    if rows:
        change.connection.execute(insert(ALLOCATION_TARGETS), rows)


def _override(change: Changing, symbol: str, before: Row | None, after: Row | None) -> None:
    said = before and {name: before.get(name) for name in DESCRIBES}
    _put(change, SYMBOL_OVERRIDES, {"portfolio_id": change.portfolio_id, "symbol": symbol}, after, said)


def _price(change: Changing, _name: str, before: Row | None, after: Row | None) -> None:
    said = from_json(before or after or {}, _PRICES)
    key = {"portfolio_id": change.portfolio_id, "symbol": said.pop("symbol"), "date": said.pop("date")}
    _put(change, MANUAL_PRICES, key, after, said if before else None)


_PUT_BACK: Mapping[str, Callable[[Changing, str, Row | None, Row | None], None]] = {
    "transaction": _transaction,
    "account": _account,
    "portfolio": _portfolio,
    "dividend_decision": _decision,
    "allocation_targets": _targets,
    "symbol_override": _override,
    "manual_price": _price,
}


def _put(change: Changing, table: Table, key: Row, after: Row | None, said: Row | None) -> None:
    """Delete the row that the change made, insert the one that it deleted, or give it the values of before."""
    if said is None:
        change.connection.execute(delete(table).where(*_is(table, key)))
    elif after is None:
        change.connection.execute(insert(table).values(**key, **said))
    else:
        change.connection.execute(update(table).where(*_is(table, key)).values(**said))


def _is(table: Table, key: Row) -> list[Any]:
    return [table.c[name] == value for name, value in key.items()]
