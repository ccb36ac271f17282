"""One user's view of the ledger: every call is scoped to the owner, every change is recorded.

Belongs here: what a user can ask and change, each change in one database transaction with its events and its
portfolio's new version. Does not: how transactions are stored (`postings`), reading files, any calculation.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import polars as pl
from sqlalchemy import delete, insert, select, update

from warehouse.ledger import checks, decisions, postings, undoing
from warehouse.ledger.changing import own_portfolio
from warehouse.ledger.deciding import Deciding
from warehouse.ledger.describing import Describing
from warehouse.ledger.errors import NotFoundError
from warehouse.ledger.events import Change, append, events_of, last_events_of
from warehouse.ledger.frames import read
from warehouse.ledger.known import as_known
from warehouse.ledger.records import Account, Import, ImportResult, LastChange, LedgerEvent, Portfolio, Stated
from warehouse.ledger.scoped import stated_in
from warehouse.ledger.tables import ACCOUNTS, IMPORTS, PORTFOLIOS, TRANSACTIONS
from warehouse.ledger.watchlist import Watchlist
from warehouse.relational import reading, writing
from warehouse.schema import ledger as declared

_PORTFOLIO_COLUMNS = [PORTFOLIOS.c[name] for name in Portfolio.__dataclass_fields__]


class LedgerRepository(Deciding, Describing):
    """The portfolios of one user; another's portfolio does not exist here (`NotFoundError`)."""

    def watchlist(self) -> Watchlist:
        """Return the user's watchlist."""
        return Watchlist(self._engine, self.user, self._now)

    def portfolios(self) -> list[Portfolio]:
        """Return the user's portfolios, by name."""
        query = select(*_PORTFOLIO_COLUMNS).where(PORTFOLIOS.c.owner_id == self.user).order_by(PORTFOLIOS.c.name)
        with reading(self._engine) as connection:
            return [Portfolio(**row) for row in connection.execute(query).mappings()]

    def portfolio(self, name_or_id: str) -> Portfolio:
        """Return one of the user's portfolios; an id wins over a name.

        Raises:
            NotFoundError: If the user has none of that name or id.
        """
        portfolios = self.portfolios()
        by_name = {portfolio.name: portfolio for portfolio in portfolios}
        by_id = {portfolio.portfolio_id: portfolio for portfolio in portfolios}
        found = by_id.get(name_or_id) or by_name.get(name_or_id)
        if found is None:
            raise NotFoundError("portfolio", name_or_id)
        return found

    def create_portfolio(
        self, name: str, base_currency: str, *, cost_method: str = "fifo", benchmark: str | None = None
    ) -> Portfolio:
        """Make a portfolio, at version 1.

        Raises:
            DuplicateNameError: If the user has one of that name.
            InvalidValueError: If a value is not what it should be.
        """
        row = {"name": name, "base_currency": base_currency, "cost_method": cost_method, "benchmark": benchmark}
        checks.check_portfolio(row)
        made = Portfolio(portfolio_id=uuid4().hex[:16], owner_id=self.user, version=1, **row)  # type: ignore[arg-type]
        with writing(self._engine) as connection:
            postings.refuse_taken(connection, self.user, name)
            connection.execute(insert(PORTFOLIOS).values(**vars(made), last_sequence=0))
            change = Change(action="added", entity="portfolio", entity_id=made.portfolio_id, after=row)
            append(connection, [change], portfolio_id=made.portfolio_id, user_id=self.user, at=self._now(), version=1)
        return made

    def update_portfolio(self, portfolio_id: str, *, seen: Portfolio | None = None, **changes: str | None) -> Portfolio:
        """Change name, base currency, cost method or benchmark; equal values change nothing.

        Args:
            portfolio_id: The portfolio.
            seen: What the caller has looked at; without it, anything may have changed since.
            **changes: What is to be changed.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            ChangedMeanwhileError: If one of these says otherwise than in ``seen``.
            DuplicateNameError: If the user has another of that name.
            InvalidValueError: If a value is not what it should be, or not one of these.
        """
        with self._changing(portfolio_id) as change:
            before = {name: getattr(change.portfolio, name) for name in checks.CHANGEABLE}
            after = {**before, **changes}
            checks.check_portfolio(after)
            if seen is not None:
                expected = {name: getattr(seen, name) for name in checks.CHANGEABLE}
                postings.refuse_changed("portfolio", seen.name, expected, before)
            if after["name"] != before["name"]:
                postings.refuse_taken(change.connection, self.user, str(after["name"]), besides=portfolio_id)
            if after != before:
                change.connection.execute(
                    update(PORTFOLIOS).where(PORTFOLIOS.c.portfolio_id == portfolio_id).values(**after)
                )
                change.record("changed", "portfolio", portfolio_id, before=before, after=after)
        return self.portfolio(portfolio_id)

    def delete_portfolio(self, portfolio_id: str) -> None:
        """Delete a portfolio with all that is in it; its events stay.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        with self._changing(portfolio_id) as change:
            postings.remove_all(change)
            change.connection.execute(delete(PORTFOLIOS).where(PORTFOLIOS.c.portfolio_id == portfolio_id))
            before = {name: getattr(change.portfolio, name) for name in checks.CHANGEABLE}
            change.record("deleted", "portfolio", portfolio_id, before=before)

    def accounts(self, portfolio_id: str) -> list[Account]:
        """Return the accounts of a portfolio, by name.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        query = select(ACCOUNTS).where(ACCOUNTS.c.portfolio_id == portfolio_id).order_by(ACCOUNTS.c.account)
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return [Account(**row) for row in connection.execute(query).mappings()]

    def put_account(
        self,
        portfolio_id: str,
        name: str,
        *,
        currency: str | None = None,
        tracks_cash: bool | None = None,
        allow_short: bool = False,
        seen: Account | None = None,
    ) -> Account:
        """Make an account, or give the one of that name these values; equal values change nothing.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            ChangedMeanwhileError: If it says otherwise than the caller has ``seen``; without it, anything goes.
            InvalidValueError: If the name is empty or the currency no code.
        """
        checks.check_name("account", name)
        if currency is not None:
            checks.check_currency("currency", currency)
        values = {"currency": currency, "tracks_cash": tracks_cash, "allow_short": allow_short}
        with self._changing(portfolio_id) as change:
            expected = {column: getattr(seen, column) for column in values} if seen else None
            postings.put_account(change, name, values, seen=expected)
        return Account(
            portfolio_id=portfolio_id, account=name, currency=currency, tracks_cash=tracks_cash, allow_short=allow_short
        )

    def add_transactions(
        self,
        portfolio_id: str,
        rows: pl.DataFrame,
        *,
        source: str,
        sha256: str | None = None,
        expected_version: int | None = None,
    ) -> ImportResult:
        """Add transactions, all or none; accounts that they name and that do not exist are made.

        A row whose ``external_id`` is stored already with the same content is unchanged. So is a row of a file without
        one, as often as the portfolio has transactions of the same content: adding a file twice changes nothing, and
        of one that has grown only what is new is added (`warehouse.ledger.recognition`).

        Args:
            portfolio_id: The portfolio.
            rows: ``TRANSACTIONS`` of the declared schema without ``transaction_id``, ``portfolio_id``, ``sequence``,
                which are given here, in the order of the rows.
            source: Name of the file, or of whatever else brought them.
            sha256: Hash of the file; None where they are no file's, and whoever states the same twice means it.
            expected_version: The version that the caller has looked at; without it, any.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            FrameMismatchError: If the frame does not fit.
            InvalidValueError: If a value is one that no transaction has.
            DuplicateExternalIdError: If an external id is there with other content, or twice in the rows.
            StaleVersionError: If the portfolio has changed since ``expected_version``.
        """
        batch = postings.Batch.of(rows, source=source, sha256=sha256)
        with self._changing(portfolio_id, expected_version) as change:
            added = postings.add(change, batch)
        return ImportResult(added=added, unchanged=len(batch.rows) - added, version=change.version)

    def new_places(self, portfolio_id: str, rows: pl.DataFrame, *, sha256: str) -> list[int]:
        """Return the places of a file's rows that `add_transactions` would add, as the portfolio is now.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            FrameMismatchError: If the frame does not fit.
            InvalidValueError: If a value is one that no transaction has.
            DuplicateExternalIdError: If an external id is there with other content, or twice in the rows.
        """
        batch = postings.Batch.of(rows, source="", sha256=sha256)
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return batch.new_places(connection, portfolio_id)

    def update_transaction(
        self,
        portfolio_id: str,
        transaction_id: str,
        changes: Mapping[str, Any],
        *,
        seen: Mapping[str, Any] | None = None,
        expected_version: int | None = None,
    ) -> dict[str, Any]:
        """Change some columns of a transaction and return its row; equal values change nothing.

        Args:
            portfolio_id: The portfolio.
            transaction_id: The transaction.
            changes: The new values, by column.
            seen: The row as the caller has looked at it; without it, it may have changed since.
            expected_version: The version that the caller has looked at; without it, any.

        Raises:
            ChangedMeanwhileError: If the row says otherwise than in ``seen``.
            NotFoundError: If the portfolio is not the user's, or has no such transaction.
            InvalidValueError: If a column cannot be changed or a value is not what it takes.
            DuplicateExternalIdError: If the new external id is another's.
            StaleVersionError: If the portfolio has changed since ``expected_version``.
        """
        with self._changing(portfolio_id, expected_version) as change:
            return postings.change_one(change, transaction_id, changes, seen=seen)

    def delete_transaction(
        self,
        portfolio_id: str,
        transaction_id: str,
        *,
        seen: Mapping[str, Any] | None = None,
        expected_version: int | None = None,
    ) -> None:
        """Delete a transaction.

        Raises:
            ChangedMeanwhileError: If the row says otherwise than the caller has ``seen``; without it, anything goes.
            NotFoundError: If the portfolio is not the user's, or has no such transaction.
            StaleVersionError: If the portfolio has changed since ``expected_version``.
        """
        with self._changing(portfolio_id, expected_version) as change:
            decisions.forget_of(change, transaction_id)
            postings.remove(change, transaction_id, seen=seen)

    def last_change(self, portfolio_id: str) -> LastChange | None:
        """Return the change that `undo` would take back, None where there is none.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return undoing.last_change(connection, portfolio_id)

    def undo(self, portfolio_id: str, *, expected_version: int) -> LastChange:
        """Take back the last change that was not taken back yet, whatever it was, and return it.

        Args:
            portfolio_id: The portfolio.
            expected_version: The version that the caller has looked at: nobody undoes what another has just done.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            NothingToUndoError: If no change is left.
            DuplicateNameError: If the portfolio cannot have its former name, which another has taken.
            StaleVersionError: If the portfolio has changed since ``expected_version``.
        """
        with self._changing(portfolio_id, expected_version) as change:
            return undoing.undo(change)

    def transactions(self, portfolio_id: str) -> pl.DataFrame:
        """Return the transactions of a portfolio as the schema declares them, in the order of entry.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return read(
                connection,
                declared.TRANSACTIONS,
                TRANSACTIONS,
                where=TRANSACTIONS.c.portfolio_id == portfolio_id,
                order_by=[TRANSACTIONS.c.sequence],
            )

    def frames(self, portfolio_id: str) -> Stated:
        """Return what is stated, of one moment, as the engine takes it.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return stated_in(connection, portfolio_id)

    def frames_as_known(self, portfolio_id: str, before: dt.datetime) -> Stated:
        """Return what was stated before a moment, as `frames` does.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        return as_known(self.events(portfolio_id), before)

    def imports(self, portfolio_id: str) -> list[Import]:
        """Return what was added to a portfolio in one go each, oldest first.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        query = select(IMPORTS).where(IMPORTS.c.portfolio_id == portfolio_id).order_by(IMPORTS.c.import_id)
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return [Import(**row) for row in connection.execute(query).mappings()]

    def events(self, portfolio_id: str, entity: str | None = None, entity_id: str | None = None) -> list[LedgerEvent]:
        """Return what happened to a portfolio, oldest first: everything, one kind of thing, or one thing.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return events_of(connection, portfolio_id, entity, entity_id)

    def last_events(self, portfolio_id: str, most: int) -> list[LedgerEvent]:
        """Return the last so many events of a portfolio, newest first.

        Raises:
            NotFoundError: If the portfolio is not the user's.
        """
        with reading(self._engine) as connection:
            own_portfolio(connection, self.user, portfolio_id)
            return last_events_of(connection, portfolio_id, most)
