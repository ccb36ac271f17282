"""Rates of holdings by their flows, and rates before tax.

Belongs here: the flows of one holding out of the journal, what taxes took of a return. Does not: returns of the
portfolio (`performance`).
"""

from decimal import Decimal

from pipelines.portfolio.explain.entries import (
    WITHOUT_JOURNAL,
    entry_row,
    proceeds_of,
    purchase_of,
)
from pipelines.portfolio.explain.tree import Explanation, Operation, Value, ended, made, summed
from pipelines.portfolio.models import CompleteView, Holding, JournalEntry

_PASSAGES = frozenset({"TRANSFER", "SPINOFF", "MERGER"})
_INCOME = frozenset({"DIVIDEND", "INTEREST", "INTEREST_CHARGE"})
_CHARGES = frozenset({"FEE", "FEE_REFUND", "TAX", "TAX_REFUND"})
_NOT_OWN = "lots came or went at the market value of their day, which no row of the journal has"


def before_tax(figure: str, value: Value, after: Explanation, taxes: Explanation) -> Explanation:
    """Return a return before tax as that after tax and what taxes took of it."""
    if not isinstance(value, float) or not isinstance(after.value, float):
        return ended(figure, value, note="after tax there is none to begin from")
    if value == after.value:
        return summed(figure, value, [after], None, "no tax in it")
    data = {taxes.figure: str(taxes.value)}
    took = ended("what taxes took of it", value - after.value, note="with every tax left in its day's flow", data=data)
    return summed(figure, value, [after, took], None)


def rate_of(view: CompleteView, holding: Holding, figure: str) -> Explanation:
    """Return the money-weighted return of a holding by its flows; every cash leg is one (CALCULATIONS 4)."""
    if holding.xirr is None:
        return ended(figure, None, note="no single rate makes its flows worth nothing")
    if view.journal is None:
        return ended(figure, holding.xirr, note=WITHOUT_JOURNAL)
    if not _is_own(view, holding):
        return ended(figure, holding.xirr, note=_NOT_OWN)
    rows = [entry for entry in view.journal if (entry.account, entry.symbol) == (holding.account, holding.symbol)]
    flows = [entry_row(entry, _leg(entry), view.base_currency) for entry in rows]
    final = ended(
        f"holdings.{holding.symbol}@{holding.account}.value_base",
        holding.value_base,
        unit=view.base_currency,
        data={"date": view.as_of.isoformat()},
    )
    return made(Operation.XIRR, figure, holding.xirr, [*_opening(view, holding, rows), *flows, final])


def _is_own(view: CompleteView, holding: Holding) -> bool:
    """Return whether all units of a holding came and went by transactions of its own, or were there at the opening."""
    opened = {lot.transaction_id for lot in holding.lots}
    key = (holding.account, holding.symbol)
    opened |= {row.buy_id for row in view.realized_gains if (row.account, row.symbol) == key}
    found = [view.entries.get(transaction_id) for transaction_id in opened]
    own = all(view.since is not None if entry is None else (entry.account, entry.symbol) == key for entry in found)
    passages = (entry for entry in view.journal or [] if entry.type in _PASSAGES)
    return own and not any(holding.symbol in {entry.symbol, entry.to_symbol} for entry in passages)


def _opening(view: CompleteView, holding: Holding, rows: list[JournalEntry]) -> list[Explanation]:
    bought = sum((purchase_of(entry) or Decimal(0) for entry in rows), start=Decimal(0))
    opened = (holding.purchases_base or Decimal(0)) - bought
    if view.since is None or not opened:
        return []
    data = {"date": view.since.isoformat()}
    return [ended(f"opening value of {view.since}", -opened, unit=view.base_currency, data=data)]


def _leg(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction paid out to the holder, in the base currency."""
    bought, sold = purchase_of(entry), proceeds_of(entry)
    if bought is not None:
        return -bought
    if sold is not None:
        return sold
    if entry.fee_base is None or entry.tax_base is None:
        return None
    charges = entry.fee_base + entry.tax_base
    if entry.type in _INCOME:
        return None if entry.amount_base is None else entry.amount_base - charges
    if entry.type in _CHARGES:
        return None if entry.amount_base is None else -entry.amount_base - charges
    return -charges
