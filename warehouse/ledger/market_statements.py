"""What people state about the market, for all portfolios: rows they accept, and symbols that go by another name now.

Belongs here: adding such statements, each with who, when and why, and reading them; none is ever changed. Does not:
what follows from one (`pipelines.quality`, `pipelines.needs`).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl
from sqlalchemy import Engine, insert, select

from warehouse.ledger.checks import check_name
from warehouse.ledger.errors import AcceptedAlreadyError, InvalidValueError
from warehouse.ledger.tables import QUARANTINE_RELEASES, SYMBOL_RENAMES
from warehouse.relational import be_only_writer, reading, writing
from warehouse.schema.types import TIMESTAMP

_WHAT = ("table_name", "rule", "key", "value")
_ACCEPTED = ("quarantine_id", *_WHAT)
_TEXTS = ("table_name", "rule", "key", "value", "reason")
RELEASES = pl.Schema(
    [
        ("release_id", pl.Int64),
        ("at", TIMESTAMP),
        ("user_id", pl.String),
        ("quarantine_id", pl.Int64),
        *((name, pl.String) for name in _TEXTS),
    ]
)
RENAMES = pl.Schema({"symbol": pl.String, "provider_symbol": pl.String})


class MarketStatements:
    """Statements about the market, of all users; what one states counts for all, for the market is one.

    Args:
        engine: The ledger's database, up to date.
        now: Gives the time by which statements are recorded.
    """

    def __init__(self, engine: Engine, now: Callable[[], dt.datetime]) -> None:
        self._engine = engine
        self._now = now

    def release(self, user: str, rows: Iterable[Mapping[str, Any]], *, reason: str) -> None:
        """Accept what was fetched of rows that were held back: this value under this rule, and no other.

        Args:
            user: Who accepts it.
            rows: ``quarantine_id, table_name, rule, key, value`` of each.
            reason: Why.

        What somebody else has accepted just now is not stated once more.

        Raises:
            InvalidValueError: If there is no reason.
            AcceptedAlreadyError: If all of it is accepted.
        """
        if not reason.strip():
            raise InvalidValueError("reason", reason, "why the row is to be believed")
        who = {"at": self._now(), "user_id": user, "reason": reason.strip()}
        accepted = [{**{name: row[name] for name in _ACCEPTED}, **who} for row in rows]
        what = [QUARANTINE_RELEASES.c[name] for name in _WHAT]
        with writing(self._engine) as connection:
            be_only_writer(connection, QUARANTINE_RELEASES)
            before = {tuple(row) for row in connection.execute(select(*what))}
            news = [row for row in accepted if tuple(row[name] for name in _WHAT) not in before]
            if not news:
                raise AcceptedAlreadyError([row["quarantine_id"] for row in accepted])
            connection.execute(insert(QUARANTINE_RELEASES), news)

    def releases(self) -> pl.DataFrame:
        """Return what was ever accepted, oldest first, as ``RELEASES``."""
        query = select(*(QUARANTINE_RELEASES.c[name] for name in RELEASES)).order_by(QUARANTINE_RELEASES.c.release_id)
        with reading(self._engine) as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return pl.DataFrame(rows, schema=RELEASES, orient="row")

    def rename(self, user: str, symbol: str, provider_symbol: str) -> None:
        """State the name by which providers know a symbol from now on; the same name as its own takes that back.

        Raises:
            InvalidValueError: If a name is empty, too long, or has space around it.
        """
        check_name("symbol", symbol)
        check_name("provider_symbol", provider_symbol)
        stated = {"symbol": symbol, "provider_symbol": provider_symbol, "at": self._now(), "user_id": user}
        with writing(self._engine) as connection:
            connection.execute(insert(SYMBOL_RENAMES).values(**stated))

    def renames(self) -> pl.DataFrame:
        """Return the last stated name of each symbol, as ``RENAMES``, by symbol."""
        query = select(*(SYMBOL_RENAMES.c[name] for name in RENAMES)).order_by(SYMBOL_RENAMES.c.rename_id)
        with reading(self._engine) as connection:
            last = dict(tuple(row) for row in connection.execute(query))
        return pl.DataFrame(sorted(last.items()), schema=RENAMES, orient="row")
