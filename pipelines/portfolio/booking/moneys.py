"""The money of many transactions at once.

Belongs here: legs of those in their instrument's currency at the history's rate, which are nearly all. Does not: the
others, whose rates `journal` finds one by one, with what there is to say about one that is missing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from pipelines.portfolio.booking.books import AccountRules, Money
from pipelines.portfolio.days import day_number
from pipelines.portfolio.exact import ONE, ONE_UNIT, Ratio
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.lots import Costs
from pipelines.portfolio.products import Factors, products
from pipelines.portfolio.transactions import Kind, Transaction

CHARGES_REDUCE = frozenset({Kind.SELL, Kind.DELIVERY_OUT, Kind.RETURN_OF_CAPITAL, Kind.MERGER})
"""Types of which fee and tax are paid out of the amount; of all others they come on top."""


def moneys(
    transactions: Iterable[Transaction],
    *,
    fx: FxBook,
    base: str,
    accounts: Mapping[str, AccountRules],
    instrument: Callable[[str], str | None],
) -> dict[int, Money]:
    """Return the money of the stated amounts, by ``order``; what is not plain is left out.

    Args:
        transactions: In any order.
        fx: Rates.
        base: The view's currency.
        accounts: Rules of every account that occurs.
        instrument: The currency of a symbol by its prices or the master, None where neither has it.
    """
    plain: dict[str, list[Transaction]] = defaultdict(list)
    for item in transactions:
        own_rate = item.fx_rate is not None and item.currency not in {base, accounts[item.account].currency}
        if item.amount is not None and not own_rate and _is_local(item, instrument):
            plain[item.currency].append(item)
    found: dict[int, Money] = {}
    for currency, items in plain.items():
        found.update(_same(items) if currency == base else _converted(items, fx, currency, base))
    return found


def _is_local(item: Transaction, instrument: Callable[[str], str | None]) -> bool:
    return item.symbol is None or instrument(item.symbol) == item.currency


def _same(items: Sequence[Transaction]) -> dict[int, Money]:
    return {item.order: _money(item, ONE, item.amount or 0, item.fee, item.tax) for item in items}


def _converted(items: Sequence[Transaction], fx: FxBook, currency: str, base: str) -> dict[int, Money]:
    days = np.array([day_number(item.date) for item in items], dtype=np.int64)
    distinct, day_of = np.unique(days, return_inverse=True)
    rates = fx.ratios(currency, base, distinct)
    amounts = [amount for item in items for amount in (item.amount or 0, item.fee, item.tax)]
    worth = products(
        Factors(
            units=amounts,
            closes=np.array([ONE_UNIT], dtype=np.int64),
            rates=rates,
            unit_of=np.arange(len(amounts)),
            close_of=np.zeros(len(amounts), dtype=np.int64),
            rate_of=np.repeat(day_of, 3),
        )
    )
    values = worth.value.tolist()
    for place, large in worth.large.items():
        values[place] = large
    ratios, known = rates.to_list(), worth.known[::3].tolist()
    legs = zip(items, day_of.tolist(), known, values[::3], values[1::3], values[2::3], strict=True)
    return {
        item.order: _money(item, ratio, *parts)
        for item, day, is_known, *parts in legs
        if is_known and (ratio := ratios[day]) is not None
    }


def _money(item: Transaction, ratio: Ratio, gross: int, fee: int, tax: int) -> Money:
    """Return the legs of a row, its amount and charges in the base currency given."""
    amount = item.amount or 0
    if item.kind in CHARGES_REDUCE:
        costs = Costs(amount - item.fee - item.tax, gross - fee - tax, amount, gross)
    else:
        costs = Costs(amount + item.fee + item.tax, gross + fee + tax, amount, gross)
    return Money(costs, ONE, ratio, fee, tax)
