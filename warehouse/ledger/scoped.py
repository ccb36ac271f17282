"""One user's door to the ledger: whose portfolio it is, and the one database transaction of a change.

Belongs here: what every call of a user shares. Does not: what is asked or changed (`repository`, `deciding`).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Connection, Engine

from warehouse.ledger.changing import Changing, own_portfolio, raise_version
from warehouse.ledger.errors import StaleVersionError
from warehouse.ledger.frames import read
from warehouse.ledger.records import State, Stated
from warehouse.ledger.tables import (
    ACCOUNTS,
    ALLOCATION_TARGETS,
    DIVIDEND_DECISIONS,
    MANUAL_PRICES,
    SYMBOL_OVERRIDES,
    TRANSACTIONS,
)
from warehouse.relational import writing
from warehouse.schema import ledger as declared

Check = Callable[[State, State], None]
"""Looks at a portfolio before and after a change, and raises what the change is refused with."""
_STATED = (
    (declared.TRANSACTIONS, TRANSACTIONS, ("sequence",)),
    (declared.ACCOUNTS, ACCOUNTS, ("account",)),
    (declared.DIVIDEND_DECISIONS, DIVIDEND_DECISIONS, ("account", "symbol", "ex_date")),
    (declared.ALLOCATION_TARGETS, ALLOCATION_TARGETS, ("dimension", "key")),
    (declared.SYMBOL_OVERRIDES, SYMBOL_OVERRIDES, ("symbol",)),
    (declared.MANUAL_PRICES, MANUAL_PRICES, ("symbol", "date")),
)


class Scoped:
    """The ledger of one user.

    Args:
        engine: The ledger's database, up to date.
        user: Who asks; every portfolio that is made is theirs.
        now: Gives the time by which changes are recorded.
        check: What every change must pass before anybody sees it.
    """

    def __init__(
        self, engine: Engine, user: str, now: Callable[[], dt.datetime], *, check: Check | None = None
    ) -> None:
        self._engine = engine
        self._now = now
        self._check = check
        self.user = user

    def held_to(self, check: Check) -> Self:
        """Return the same ledger, of which no change is taken that does not pass a check.

        The check sees the portfolio before and after the change, within its transaction: what it raises undoes it all.
        """
        return type(self)(self._engine, self.user, self._now, check=check)

    @contextmanager
    def _changing(self, portfolio_id: str, expected_version: int | None = None) -> Iterator[Changing]:
        """Open the one transaction of a change; its events decide whether the version is raised."""
        with writing(self._engine) as connection:
            portfolio = own_portfolio(connection, self.user, portfolio_id, lock=True)
            if expected_version not in {None, portfolio.version}:
                raise StaleVersionError(portfolio_id, expected_version or 0, portfolio.version)
            change = Changing(connection=connection, portfolio=portfolio, user=self.user, now=self._now())
            before = self._check and State(portfolio, stated_in(connection, portfolio_id))
            yield change
            if not change.events:
                return
            raise_version(change)
            if self._check and before and not change.is_end:
                after = own_portfolio(connection, self.user, portfolio_id)
                self._check(before, State(after, stated_in(connection, portfolio_id)))


def stated_in(connection: Connection, portfolio_id: str) -> Stated:
    """Return what is stated in a portfolio, in one transaction."""
    return Stated(
        *(
            read(
                connection,
                table,
                stored,
                where=stored.c.portfolio_id == portfolio_id,
                order_by=[stored.c[name] for name in order],
            ).drop("portfolio_id")
            for table, stored, order in _STATED
        )
    )
