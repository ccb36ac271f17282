"""Transactions as parts of figures.

Belongs here: what a row of the journal brought to a sum. Does not: which sum it is.
"""

from collections.abc import Callable
from decimal import Decimal

from pipelines.portfolio.explain.tree import Explanation, ended, summed, with_rest
from pipelines.portfolio.models import CompleteView, JournalEntry, plain

_PURCHASES = frozenset({"BUY", "DELIVERY_IN"})
_PROCEEDS = frozenset({"SELL", "DELIVERY_OUT", "RETURN_OF_CAPITAL", "MERGER"})
_SHOWN = ("date", "type", "account", "symbol", "quantity", "amount", "fee", "tax", "currency", "fx_rate")
Amount = Callable[[JournalEntry], Decimal | None]
WITHOUT_JOURNAL = "ask with the journal for its rows"


def source_of(transaction_id: str) -> str:
    """Return how a transaction is named as a source."""
    return f"transactions {transaction_id}"


def entry_data(view: CompleteView, transaction_id: str) -> dict[str, str]:
    """Return what a transaction says; nothing where the view has no journal."""
    found = view.entries.get(transaction_id)
    return {} if found is None else _data(found)


def _data(entry: JournalEntry) -> dict[str, str]:
    data = {name: getattr(entry, name) for name in _SHOWN}
    return {
        name: plain(item) if isinstance(item, Decimal) else str(item) for name, item in data.items() if item is not None
    }


def entry_row(entry: JournalEntry, value: Decimal | None, unit: str) -> Explanation:
    """Return what a transaction brought to a figure."""
    figure = f"{entry.type} of {entry.date}"
    return ended(figure, value, unit=unit, source=source_of(entry.transaction_id), data=_data(entry))


def of_entries(
    view: CompleteView,
    figure: str,
    value: Decimal | None,
    amount: Amount,
    *,
    rest: str,
    key: tuple[str, str] | None = None,
) -> Explanation:
    """Return an amount as the sum of what transactions brought to it.

    Args:
        view: The view; without its journal the figure ends there.
        figure: Name of the figure.
        value: The figure.
        amount: What a transaction brings to it; None or nothing for those that bring none.
        rest: What brought the part that no transaction did.
        key: Account and symbol; None for all.
    """
    if view.journal is None:
        return ended(figure, value, unit=view.base_currency, note=WITHOUT_JOURNAL)
    rows = [
        entry_row(entry, brought, view.base_currency)
        for entry in view.journal
        if (key is None or (entry.account, entry.symbol) == key) and (brought := amount(entry))
    ]
    if not rows and not value:
        return summed(figure, value, [], view.base_currency, note="no transaction brought anything to it")
    return with_rest(figure, value, rows, view.base_currency, rest)


def purchase_of(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction counts among the purchases, with fee and tax."""
    return _with_charges(entry, 1) if entry.type in _PURCHASES else None


def proceeds_of(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction counts among the proceeds, less fee and tax."""
    return _with_charges(entry, -1) if entry.type in _PROCEEDS else None


def _with_charges(entry: JournalEntry, sign: int) -> Decimal | None:
    if entry.amount_base is None or entry.fee_base is None or entry.tax_base is None:
        return None
    return entry.amount_base + sign * (entry.fee_base + entry.tax_base)


def fee_of(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction counts among the fees."""
    return _charged(entry, entry.fee_base, "FEE", "FEE_REFUND")


def tax_of(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction counts among the taxes."""
    return _charged(entry, entry.tax_base, "TAX", "TAX_REFUND")


def flow_of(entry: JournalEntry) -> Decimal | None:
    """Return what a transaction brought across the border of the view."""
    return entry.flow_base


def _charged(entry: JournalEntry, own: Decimal | None, *kinds: str) -> Decimal | None:
    if entry.type not in kinds:
        return own
    return None if own is None or entry.amount_base is None else own + entry.amount_base
