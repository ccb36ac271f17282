"""What people decide: about dividends that were due, and which weights they aim at; within one change.

Belongs here: statements on decisions and targets, and what they record. Does not: which dividends are due, which trades
restore a target (`pipelines.portfolio`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select

from warehouse.ledger import checks, postings
from warehouse.ledger.changing import Changing
from warehouse.ledger.errors import InvalidValueError, NotFoundError
from warehouse.ledger.tables import ALLOCATION_TARGETS, DIVIDEND_DECISIONS

CONFIRMED, EDITED, REJECTED = "confirmed", "edited", "rejected"


@dataclass(frozen=True, slots=True)
class DueDividend:
    """Which dividend a decision is about."""

    account: str
    symbol: str
    ex_date: dt.date

    def __str__(self) -> str:
        return f"{self.symbol} of {self.ex_date} in {self.account}"


def decide(change: Changing, dividend: DueDividend, state: str, batch: postings.Batch | None = None) -> str | None:
    """Keep a decision, with the DIVIDEND that it brings, and return that one's id.

    Args:
        change: The portfolio's.
        dividend: What was due.
        state: ``confirmed``, ``edited`` or ``rejected``.
        batch: The DIVIDEND, one row; None where it is rejected.

    Raises:
        InvalidValueError: If it was decided about already.
    """
    before = _stored(change, dividend)
    if before is not None:
        raise InvalidValueError("ex_date", str(dividend), f"a dividend that is not {before['state']} already")
    ident = None
    if batch is not None:
        postings.add(change, batch)
        ident = f"{change.portfolio_id}-{postings.last_sequence(change)}"
    row = {"state": state, "transaction_id": ident}
    key = {"account": dividend.account, "symbol": dividend.symbol, "ex_date": dividend.ex_date}
    change.connection.execute(insert(DIVIDEND_DECISIONS).values(portfolio_id=change.portfolio_id, **key, **row))
    change.record("added", "dividend_decision", _name(dividend), after=key | row)
    return ident


def withdraw(change: Changing, dividend: DueDividend) -> None:
    """Forget a decision, and delete the DIVIDEND that it brought: it is expected again.

    Raises:
        NotFoundError: If there is none.
    """
    before = _stored(change, dividend)
    if before is None:
        raise NotFoundError("decision about the dividend", str(dividend))
    _forget(change, dividend, before)
    if before["transaction_id"] is not None:
        postings.remove(change, before["transaction_id"])


def forget_of(change: Changing, transaction_id: str) -> None:
    """Forget the decision that brought a transaction which is about to be deleted: its dividend is expected again."""
    columns = [DIVIDEND_DECISIONS.c[name] for name in ("account", "symbol", "ex_date")]
    mine = DIVIDEND_DECISIONS.c.portfolio_id == change.portfolio_id
    query = select(*columns).where(mine, DIVIDEND_DECISIONS.c.transaction_id == transaction_id)
    for row in change.connection.execute(query).all():
        dividend = DueDividend(*row)
        _forget(change, dividend, _stored(change, dividend))


def _forget(change: Changing, dividend: DueDividend, before: Mapping[str, Any] | None) -> None:
    change.connection.execute(delete(DIVIDEND_DECISIONS).where(*_is(change, dividend)))
    change.record("deleted", "dividend_decision", _name(dividend), before=before)


def set_targets(
    change: Changing, dimension: str, targets: Mapping[str, Decimal], *, seen: Mapping[str, Decimal] | None = None
) -> None:
    """Give a dimension these targets in place of those it had; none takes them away.

    Raises:
        ChangedMeanwhileError: If it has others than ``seen``.
        InvalidValueError: If a target is no fraction, or they sum to more than 1.
    """
    checks.check_name("dimension", dimension)
    for key, target in targets.items():
        checks.check_name("key", key)
        if not isinstance(target, Decimal) or not 0 <= target <= 1:
            raise InvalidValueError("target", target, f"a Decimal from 0 to 1 for {key} (0.01 is one percent)")
    if sum(targets.values()) > 1:
        raise InvalidValueError("target", str(sum(targets.values())), "targets that sum to at most 1")
    mine = (ALLOCATION_TARGETS.c.portfolio_id == change.portfolio_id, ALLOCATION_TARGETS.c.dimension == dimension)
    query = select(ALLOCATION_TARGETS.c.key, ALLOCATION_TARGETS.c.target).where(*mine)
    before = {row.key: row.target for row in change.connection.execute(query)}
    postings.refuse_changed("dimension", dimension, None if seen is None else {"targets": seen}, {"targets": before})
    if before == dict(targets):
        return
    change.connection.execute(delete(ALLOCATION_TARGETS).where(*mine))
    whose = {"portfolio_id": change.portfolio_id, "dimension": dimension}
    rows = [{**whose, "key": key, "target": target} for key, target in targets.items()]
    if rows:
        change.connection.execute(insert(ALLOCATION_TARGETS), rows)
    change.record("changed", "allocation_targets", dimension, before=before or None, after=dict(targets) or None)


def _name(dividend: DueDividend) -> str:
    return f"{dividend.account}|{dividend.symbol}|{dividend.ex_date}"


def _is(change: Changing, dividend: DueDividend) -> tuple[ColumnElement[bool], ...]:
    columns = DIVIDEND_DECISIONS.c
    return (
        columns.portfolio_id == change.portfolio_id,
        columns.account == dividend.account,
        columns.symbol == dividend.symbol,
        columns.ex_date == dividend.ex_date,
    )


def _stored(change: Changing, dividend: DueDividend) -> dict[str, Any] | None:
    columns = [DIVIDEND_DECISIONS.c[name] for name in ("account", "symbol", "ex_date", "state", "transaction_id")]
    row = change.connection.execute(select(*columns).where(*_is(change, dividend))).mappings().first()
    return None if row is None else dict(row)
