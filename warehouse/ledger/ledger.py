"""The ledger as a whole: opening it, what it is, and its mirror for the warehouse.

Belongs here: what concerns all users at once. Does not: anything of one user (`repository`).
"""

import datetime as dt
from collections.abc import Callable
from typing import cast

import polars as pl
from sqlalchemy import Engine, insert, select

from warehouse.ledger.checks import check_name
from warehouse.ledger.errors import WrongKindError
from warehouse.ledger.frames import read
from warehouse.ledger.market_statements import MarketStatements
from warehouse.ledger.records import Kind
from warehouse.ledger.repository import LedgerRepository
from warehouse.ledger.tables import (
    ACCOUNTS,
    ALERTS,
    ALLOCATION_TARGETS,
    DIVIDEND_DECISIONS,
    MANUAL_PRICES,
    META,
    PORTFOLIOS,
    SYMBOL_OVERRIDES,
    TRANSACTIONS,
    USERS,
    WATCHLIST,
)
from warehouse.relational import be_only_writer, engine_for, migrate_if_behind, reading, writing
from warehouse.schema import ledger as declared

_KIND = "kind"


def _system_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Ledger:
    """What people state, at one URL; `open` gives one that is up to date.

    Args:
        engine: The database.
        now: Gives the time by which changes are recorded.
    """

    def __init__(self, engine: Engine, *, now: Callable[[], dt.datetime]) -> None:
        self._engine = engine
        self._now = now

    @classmethod
    def open(cls, url: str, *, now: Callable[[], dt.datetime] = _system_clock) -> "Ledger":
        """Open a ledger; a new one is made, an older one is migrated.

        Args:
            url: ``sqlite:///PATH`` or ``postgresql+DRIVER://…``.
            now: Gives the time by which changes are recorded, with its zone; the system's clock unless said.

        Raises:
            UnsupportedDatabaseError: If the URL names another database.
            NewerDatabaseError: If a newer Folioduck wrote it.
        """
        engine = engine_for(url)
        migrate_if_behind(engine, "warehouse.ledger")
        return cls(engine, now=now)

    def dated(self, moment: dt.datetime) -> "Ledger":
        """Return the same ledger, recording every change as made at a moment: for what is put on record afterwards."""
        return Ledger(self._engine, now=lambda: moment)

    def for_user(self, user: str) -> LedgerRepository:
        """Return a user's view; the user is made at first use.

        Raises:
            InvalidValueError: If the name is empty, too long, or has space around it.
        """
        check_name("user", user)
        known = select(USERS.c.user_id).where(USERS.c.user_id == user)
        with reading(self._engine) as connection:
            exists = connection.execute(known).first() is not None
        if not exists:
            with writing(self._engine) as connection:
                be_only_writer(connection, USERS)
                if connection.execute(known).first() is None:
                    connection.execute(insert(USERS).values(user_id=user, created_at=self._now()))
        return LedgerRepository(self._engine, user, self._now)

    def market(self) -> MarketStatements:
        """Return what people state about the market, for all portfolios."""
        return MarketStatements(self._engine, self._now)

    def users(self) -> list[str]:
        """Return all users, by name."""
        with reading(self._engine) as connection:
            return list(connection.execute(select(USERS.c.user_id).order_by(USERS.c.user_id)).scalars())

    def mirror(self) -> dict[str, pl.DataFrame]:
        """Return what all owners state, of one moment, by table, as the schema declares it."""
        with reading(self._engine) as connection:
            return {
                "portfolios": read(connection, declared.PORTFOLIOS, PORTFOLIOS, order_by=[PORTFOLIOS.c.portfolio_id]),
                "accounts": read(
                    connection,
                    declared.ACCOUNTS,
                    ACCOUNTS,
                    order_by=[ACCOUNTS.c.portfolio_id, ACCOUNTS.c.account],
                ),
                "transactions": read(
                    connection,
                    declared.TRANSACTIONS,
                    TRANSACTIONS,
                    order_by=[TRANSACTIONS.c.portfolio_id, TRANSACTIONS.c.sequence],
                ),
                **{
                    table.name: read(connection, table, stored, order_by=[stored.c[name] for name in table.key])
                    for table, stored in (
                        (declared.DIVIDEND_DECISIONS, DIVIDEND_DECISIONS),
                        (declared.ALLOCATION_TARGETS, ALLOCATION_TARGETS),
                        (declared.WATCHLIST, WATCHLIST),
                        (declared.ALERTS, ALERTS),
                        (declared.SYMBOL_OVERRIDES, SYMBOL_OVERRIDES),
                        (declared.MANUAL_PRICES, MANUAL_PRICES),
                    )
                },
            }

    def versions(self) -> dict[str, int]:
        """Return the version of every portfolio, by its id."""
        query = select(PORTFOLIOS.c.portfolio_id, PORTFOLIOS.c.version).order_by(PORTFOLIOS.c.portfolio_id)
        with reading(self._engine) as connection:
            return {row.portfolio_id: row.version for row in connection.execute(query)}

    def watched(self) -> set[str]:
        """Return the symbols that anybody watches."""
        with reading(self._engine) as connection:
            return set(connection.execute(select(WATCHLIST.c.symbol)).scalars())

    def is_empty(self) -> bool:
        """Return whether nobody has a portfolio."""
        with reading(self._engine) as connection:
            return connection.execute(select(PORTFOLIOS.c.portfolio_id).limit(1)).first() is None

    def kind(self) -> Kind | None:
        """Return whether the ledger is a person's own or the demo's; None while nobody has said."""
        with reading(self._engine) as connection:
            value = connection.execute(select(META.c.value).where(META.c.key == _KIND)).scalar()
        return cast(Kind | None, value)

    def mark(self, kind: Kind) -> None:
        """Say whether the ledger is a person's own or the demo's; said once, it stays.

        Raises:
            WrongKindError: If it is marked as the other kind.
        """
        query = select(META.c.value).where(META.c.key == _KIND)
        with writing(self._engine) as connection:
            be_only_writer(connection, META)
            known = connection.execute(query).scalar()
            if known is None:
                connection.execute(insert(META).values(key=_KIND, value=kind))
            elif known != kind:
                raise WrongKindError(known, kind)
