"""What a user says of instruments in a portfolio: what they are, and what they cost on a day.

Belongs here: these calls, each one change, and how they are stored. Does not: what follows of it for figures
(`pipelines.portfolio.stated_market`), files of prices (`pipelines.sources.inbox`).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from warehouse.ledger import checks
from warehouse.ledger.changing import Changing
from warehouse.ledger.errors import InvalidValueError
from warehouse.ledger.postings import refuse_changed
from warehouse.ledger.scoped import Scoped
from warehouse.ledger.tables import MANUAL_PRICES, SYMBOL_OVERRIDES
from warehouse.relational import DecimalText
from warehouse.relational.errors import InexactValueError
from warehouse.schema import ledger as declared
from warehouse.schema.types import PRICE

Row = Mapping[str, Any]
_CLOSE = DecimalText(PRICE.precision or 0, PRICE.scale)
DESCRIBES = tuple(
    column.name for column in declared.SYMBOL_OVERRIDES.columns if column.name not in declared.SYMBOL_OVERRIDES.key
)
"""What can be said of an instrument."""


class Describing(Scoped):
    """What one user says of instruments."""

    def describe_symbol(
        self, portfolio_id: str, symbol: str, said: Mapping[str, str | None], *, seen: Row | None = None
    ) -> None:
        """Say what an instrument is, in place of what was said of it; what is None is left to providers.

        Args:
            portfolio_id: The portfolio.
            symbol: The instrument.
            said: Of ``DESCRIBES``; nothing at all takes back what was said.
            seen: What the caller has seen of ``DESCRIBES``; without it, anything goes.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            InvalidValueError: If a name is empty or too long, or none of these.
            ChangedMeanwhileError: If something else is said of it than in ``seen``.
        """
        checks.check_name("symbol", symbol)
        for name, value in said.items():
            if name not in DESCRIBES:
                raise InvalidValueError(name, value, f"one of {', '.join(DESCRIBES)}")
            if value is not None:
                checks.check_name(name, value)
        row = {name: said.get(name) for name in DESCRIBES}
        with self._changing(portfolio_id) as change:
            key = {"portfolio_id": portfolio_id, "symbol": symbol}
            before = _stored(change, SYMBOL_OVERRIDES, key, DESCRIBES)
            refuse_changed("symbol", symbol, seen, before or dict.fromkeys(DESCRIBES))
            after = row if any(row.values()) else None
            _replace(change, SYMBOL_OVERRIDES, key, before, after)
            if before != after:
                said_before, said_after = (one and {"symbol": symbol, **one} for one in (before, after))
                change.record(_action(before, after), "symbol_override", symbol, before=said_before, after=said_after)

    def state_price(
        self,
        portfolio_id: str,
        symbol: str,
        day: dt.date,
        close: Decimal | None,
        currency: str,
        *,
        seen: Row | None = None,
    ) -> None:
        """State what an instrument cost at the close of a day, in place of what was stated; None takes that back.

        Args:
            portfolio_id: The portfolio.
            symbol: The instrument.
            day: The day.
            close: Per unit, as traded then.
            currency: Of the close.
            seen: ``close`` and ``currency`` as the caller has seen them; without it, anything goes.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            InvalidValueError: If the close is no price, the symbol no name or the currency no code.
            ChangedMeanwhileError: If another close is stated than in ``seen``.
        """
        checks.check_name("symbol", symbol)
        checks.check_currency("currency", currency)
        if close is not None:
            _check_price(close)
        with self._changing(portfolio_id) as change:
            key = {"portfolio_id": portfolio_id, "symbol": symbol, "date": day}
            before = _stored(change, MANUAL_PRICES, key, ("close", "currency"))
            name = f"{symbol}|{day}"
            refuse_changed("price", name, seen, before)
            after = None if close is None else {"close": close, "currency": currency}
            _replace(change, MANUAL_PRICES, key, before, after)
            if before != after:
                stated = {"symbol": symbol, "date": day}
                said_before, said_after = (one and {**stated, **one} for one in (before, after))
                change.record(_action(before, after), "manual_price", name, before=said_before, after=said_after)


def _check_price(close: object) -> None:
    if not isinstance(close, Decimal) or not close.is_finite() or close <= 0:
        raise InvalidValueError("close", close, "a Decimal above zero")
    try:
        _CLOSE.text_of(close)
    except InexactValueError as error:
        raise InvalidValueError("close", close, error.expected) from error


def _stored(change: Changing, table: Table, key: Row, columns: tuple[str, ...]) -> dict[str, Any] | None:
    query = select(*(table.c[name] for name in columns)).where(*(table.c[name] == key[name] for name in key))
    row = change.connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _replace(change: Changing, table: Table, key: Row, before: Row | None, after: Row | None) -> None:
    is_it = [table.c[name] == key[name] for name in key]
    if before == after:
        return
    if after is None:
        change.connection.execute(delete(table).where(*is_it))
    elif before is None:
        change.connection.execute(insert(table).values(**key, **after))
    else:
        change.connection.execute(update(table).where(*is_it).values(**after))


def _action(before: Row | None, after: Row | None) -> str:
    return "added" if before is None else "deleted" if after is None else "changed"
