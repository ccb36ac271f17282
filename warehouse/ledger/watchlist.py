"""One user's watchlist: symbols with a target and a note, and alerts about them.

Belongs here: what a user can ask and change of it, each change in one database transaction with its events and the
list's new version. Does not: which alerts fire (`pipelines.portfolio`), portfolios (`repository`).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, insert, select, update

from warehouse.ledger.checks import check_name
from warehouse.ledger.errors import InvalidValueError, NotFoundError, StaleVersionError
from warehouse.ledger.events import NO_PORTFOLIO, Change, append, events_of
from warehouse.ledger.records import Alert, LedgerEvent, Watched
from warehouse.ledger.tables import ALERTS, USERS, WATCHLIST
from warehouse.relational import DecimalText, reading, writing
from warehouse.relational.errors import InexactValueError

ALERT_KINDS = ("above", "below", "day_move")
_LONGEST_NOTE = 2_000


@dataclass(kw_only=True)
class _Changing:
    """One database transaction that changes the list; what it records becomes events."""

    connection: Connection
    events: list[Change] = field(default_factory=list)


class Watchlist:
    """What one user watches; nobody else's is seen here.

    Args:
        engine: The ledger's database, up to date.
        user: Whose list it is.
        now: Gives the time by which changes are recorded.
    """

    def __init__(self, engine: Engine, user: str, now: Callable[[], dt.datetime]) -> None:
        self._engine = engine
        self._now = now
        self.user = user

    def version(self) -> int:
        """Return the list's version, raised by one with every change of it."""
        with reading(self._engine) as connection:
            return _version(connection, self.user)

    def watched(self) -> list[Watched]:
        """Return the symbols on the list, by name."""
        names = Watched.__dataclass_fields__
        query = select(*(WATCHLIST.c[name] for name in names)).where(WATCHLIST.c.owner_id == self.user)
        with reading(self._engine) as connection:
            return [Watched(**row) for row in connection.execute(query.order_by(WATCHLIST.c.symbol)).mappings()]

    def alerts(self) -> list[Alert]:
        """Return the alerts, by symbol, kind and threshold."""
        names = Alert.__dataclass_fields__
        query = select(*(ALERTS.c[name] for name in names)).where(ALERTS.c.owner_id == self.user)
        with reading(self._engine) as connection:
            found = [Alert(**row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda alert: (alert.symbol, alert.kind, alert.threshold))

    def events(self) -> list[LedgerEvent]:
        """Return what happened to the list, oldest first."""
        with reading(self._engine) as connection:
            return [event for event in events_of(connection, NO_PORTFOLIO) if event.user_id == self.user]

    def watch(
        self,
        symbol: str,
        *,
        target: Decimal | None = None,
        note: str | None = None,
        expected_version: int | None = None,
    ) -> Watched:
        """Put a symbol on the list, or give the one that is there these values; equal values change nothing.

        Args:
            symbol: The instrument.
            target: A price to wait for, in the currency of its prices.
            note: Free text.
            expected_version: The version that the caller has looked at; without it, any.

        Raises:
            InvalidValueError: If the symbol is no name, the target no price, or the note too long.
            StaleVersionError: If the list has changed since ``expected_version``.
        """
        check_name("symbol", symbol)
        if target is not None:
            _check_amount("target", target, WATCHLIST)
        if note is not None and len(note) > _LONGEST_NOTE:
            raise InvalidValueError("note", f"{note[:20]}…", f"at most {_LONGEST_NOTE} characters")
        values: dict[str, Any] = {"target": target, "note": (note or "").strip() or None}
        mine = (WATCHLIST.c.owner_id == self.user, WATCHLIST.c.symbol == symbol)
        with self._changing(expected_version) as change:
            before = _row(change, WATCHLIST, mine)
            if before is None:
                after = {"symbol": symbol, **values, "added_on": self._now().astimezone(dt.UTC).date()}
                change.connection.execute(insert(WATCHLIST).values(owner_id=self.user, **after))
                change.events.append(Change(action="added", entity="watched", entity_id=symbol, after=after))
                return Watched(**after)
            after = {**before, **values}
            if after != before:
                change.connection.execute(update(WATCHLIST).where(*mine).values(**values))
                change.events.append(
                    Change(action="changed", entity="watched", entity_id=symbol, before=before, after=after)
                )
            return Watched(**after)

    def unwatch(self, symbol: str, *, expected_version: int | None = None) -> None:
        """Take a symbol off the list, with its alerts.

        Raises:
            NotFoundError: If it is not on the list.
            StaleVersionError: If the list has changed since ``expected_version``.
        """
        with self._changing(expected_version) as change:
            mine = (WATCHLIST.c.owner_id == self.user, WATCHLIST.c.symbol == symbol)
            before = _row(change, WATCHLIST, mine)
            if before is None:
                raise NotFoundError("symbol on the watchlist", symbol)
            its = (ALERTS.c.owner_id == self.user, ALERTS.c.symbol == symbol)
            for row in change.connection.execute(select(ALERTS).where(*its)).mappings():
                self._forget(change, Alert(row["symbol"], row["kind"], row["threshold"]))
            change.connection.execute(delete(WATCHLIST).where(*mine))
            change.events.append(Change(action="deleted", entity="watched", entity_id=symbol, before=before))

    def add_alert(self, alert: Alert, *, expected_version: int | None = None) -> None:
        """Add an alert about a symbol on the list; the same one again changes nothing.

        Raises:
            NotFoundError: If the symbol is not on the list.
            InvalidValueError: If the kind is none, or the threshold not above zero.
            StaleVersionError: If the list has changed since ``expected_version``.
        """
        if alert.kind not in ALERT_KINDS:
            raise InvalidValueError("kind", alert.kind, f"one of {', '.join(ALERT_KINDS)}")
        _check_amount("threshold", alert.threshold, ALERTS)
        with self._changing(expected_version) as change:
            listed = (WATCHLIST.c.owner_id == self.user, WATCHLIST.c.symbol == alert.symbol)
            if _row(change, WATCHLIST, listed) is None:
                raise NotFoundError("symbol on the watchlist", alert.symbol)
            if _row(change, ALERTS, self._is(alert)) is not None:
                return
            values = _values(alert)
            change.connection.execute(insert(ALERTS).values(owner_id=self.user, **values))
            change.events.append(Change(action="added", entity="alert", entity_id=_name(alert), after=values))

    def remove_alert(self, alert: Alert, *, expected_version: int | None = None) -> None:
        """Take an alert away.

        Raises:
            NotFoundError: If there is none such.
            StaleVersionError: If the list has changed since ``expected_version``.
        """
        with self._changing(expected_version) as change:
            if _row(change, ALERTS, self._is(alert)) is None:
                raise NotFoundError("alert", _name(alert))
            self._forget(change, alert)

    def _forget(self, change: _Changing, alert: Alert) -> None:
        change.connection.execute(delete(ALERTS).where(*self._is(alert)))
        change.events.append(Change(action="deleted", entity="alert", entity_id=_name(alert), before=_values(alert)))

    def _is(self, alert: Alert) -> tuple[ColumnElement[bool], ...]:
        own = {"owner_id": self.user, **_values(alert)}
        return tuple(ALERTS.c[name] == value for name, value in own.items())

    @contextmanager
    def _changing(self, expected_version: int | None) -> Iterator[_Changing]:
        """Open the one transaction of a change; its events decide whether the version is raised."""
        me = USERS.c.user_id == self.user
        with writing(self._engine) as connection:
            # The user is kept until the transaction ends, so that two changes never see the same version.
            connection.execute(select(USERS.c.user_id).where(me).with_for_update())
            actual = _version(connection, self.user)
            if expected_version not in {None, actual}:
                raise StaleVersionError("watchlist", expected_version or 0, actual)
            change = _Changing(connection=connection)
            yield change
            if change.events:
                append(
                    connection,
                    change.events,
                    portfolio_id=NO_PORTFOLIO,
                    user_id=self.user,
                    at=self._now(),
                    version=actual + 1,
                )
                connection.execute(update(USERS).where(me).values(watchlist_version=USERS.c.watchlist_version + 1))


def _version(connection: Connection, user: str) -> int:
    query = select(USERS.c.watchlist_version).where(USERS.c.user_id == user)
    return int(connection.execute(query).scalar_one())


def _row(change: _Changing, table: Table, mine: tuple[ColumnElement[bool], ...]) -> dict[str, Any] | None:
    columns = [column for column in table.c if column.name != "owner_id"]
    row = change.connection.execute(select(*columns).where(*mine)).mappings().first()
    return None if row is None else dict(row)


def _values(alert: Alert) -> dict[str, Any]:
    return {"symbol": alert.symbol, "kind": alert.kind, "threshold": alert.threshold}


def _name(alert: Alert) -> str:
    return f"{alert.symbol}|{alert.kind}|{alert.threshold:f}"


def _check_amount(name: str, value: object, table: Table) -> None:
    stored = table.c[name].type
    try:
        text = stored.text_of(value) if isinstance(stored, DecimalText) else ""
    except InexactValueError as error:
        raise InvalidValueError(name, value, error.expected) from error
    if Decimal(text) <= 0:
        raise InvalidValueError(name, value, "a number above zero")
