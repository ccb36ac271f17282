"""What a reader of the view must know: what is missing, ignored or ambiguous (CALCULATIONS 10).

Belongs here: warnings about the view as a whole. Does not: those about one transaction (`booking.journal`).
"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from pipelines.portfolio.booked import Booked
from pipelines.portfolio.booking.books import Split
from pipelines.portfolio.holdings import Position
from pipelines.portfolio.models import Status, Warning_
from pipelines.portfolio.periods import Stretch, dated_flows
from pipelines.portfolio.returns import xirr, xirr_roots
from pipelines.portfolio.series import Series
from pipelines.portfolio.transactions import Transaction


def notices(book: Booked, series: Series | None, accounts: pl.DataFrame, *, rate: float | None) -> list[Warning_]:
    """Return why figures of the view are missing or to be read with care.

    Args:
        book: The ledger, booked.
        series: None where it is left out.
        rate: The view's money-weighted return.
        accounts: ``ACCOUNT_SCHEMA``, as the owner states them; none at all is nothing to mention.
    """
    found, as_of = [], book.asked.as_of
    for position in book.positions:
        if position.is_open and position.quote.status is Status.MISSING:
            found.append(_missing("price_missing", f"no price of {position.key[1]} on or before {as_of}", position))
        elif position.is_open and position.fx.status is Status.MISSING:
            text = f"no rate {position.currency}/{book.asked.base} on or before {as_of}"
            found.append(_missing("fx_missing", text, position))
        found += _carried_over_split(position, book.splits)
        found += _delisted(position, book.prices.attribute(position.key[1], "status"))
    found += _unrated_cash(book)
    if book.ignored:
        text = f"{book.ignored} transactions after {as_of} are not counted"
        found.append(Warning_(code="future_rows_ignored", message=text, data={"rows": book.ignored}))
    if series is not None and book.benchmark is not None and not book.prices.currency(book.benchmark):
        text = f"no price of the benchmark {book.benchmark}"
        found.append(Warning_(code="benchmark_unknown", message=text, data={"symbol": book.benchmark}))
    found += _redenominated(book)
    found += _unstated(book, accounts)
    shorts = sorted({position.key[1] for position in book.positions if position.units < 0})
    if shorts and series is not None:
        text = f"a short position has no time-weighted return of its own: {', '.join(shorts)}"
        found.append(Warning_(code="short_without_twr", message=text, data={"symbols": shorts}))
    found += _short_rates(book)
    if book.books.unnamed:
        found.append(_unnamed(book.books.unnamed))
    return [*found, *_opening_warnings(series), *_xirr_warnings(book, series, rate)]


def _unrated_cash(book: Booked) -> list[Warning_]:
    """Say which balances are in no figure for want of a rate."""
    return [
        Warning_(
            code="fx_missing",
            message=f"no rate {balance.currency}/{book.asked.base} on or before {book.asked.as_of}:"
            f" the cash in {balance.currency} of {balance.account} is in no total",
            data={"account": balance.account, "currency": balance.currency},
        )
        for balance in book.cash
        if balance.value is None
    ]


def _short_rates(book: Booked) -> list[Warning_]:
    """Say how the money-weighted return of what is or was short reads.

    It is the rate of its flows as any other (CALCULATIONS 5), so it stays; but they come in before they go out, and so
    it is what that money costs: above zero where the short loses. A trade of a short has a rate that reads as a gain
    (CALCULATIONS 2).
    """
    shorts = {position.key[1] for position in book.positions if position.units < 0}
    shorts |= {row.key[1] for row in book.books.realized if row.short}
    if not shorts:
        return []
    names = sorted(shorts)
    text = (
        f"the money-weighted return of a short is what its money costs, above zero where it loses: {', '.join(names)}"
    )
    return [Warning_(code="short_with_xirr", message=text, data={"symbols": names})]


def _opening_warnings(series: Series | None) -> list[Warning_]:
    """Say on which days there was less than nothing to make a return on (CALCULATIONS 5)."""
    if series is None:
        return []
    flows = pl.Series([day.flow_in or 0 for day in series.days], dtype=pl.Int128)
    below = series.returns.filter(pl.col("capital") < 0)["date"]
    level = series.returns.filter((pl.col("capital") == 0) & (flows > 0))["date"]
    return [
        *_opening(below, "negative_opening", "is negative", "no time-weighted return spans it"),
        *_opening(level, "opening_of_zero", "is zero with what flowed in", "it has no return, and the chain goes on"),
    ]


def _opening(days: pl.Series, code: str, what: str, so: str) -> list[Warning_]:
    if days.is_empty():
        return []
    first = days[0].isoformat()
    text = f"the opening value of {len(days)} days {what}, the first {first}: {so}"
    return [Warning_(code=code, message=text, data={"first": first, "days": len(days)})]


def _carried_over_split(position: Position, splits: Sequence[Split]) -> list[Warning_]:
    """Say that the price which counts is of shares before a split, restated by it."""
    traded = position.quote.date
    later = [split for split in splits if split.symbol == position.key[1] and traded and split.date > traded]
    if not later or not position.is_open or position.quote.status is Status.LIVE:
        return []
    text = f"no price of {position.key[1]} since its split of {later[-1].date}: that of {traded} is restated by it"
    return [_missing("price_before_split", text, position)]


def _delisted(position: Position, status: str | None) -> list[Warning_]:
    """Say that nobody knows a symbol any more: its price will not change."""
    if status != "delisted" or not position.is_open or position.quote.date is None:
        return []
    text = f"{position.key[1]} is delisted: its last price is of {position.quote.date}"
    return [_missing("delisted", text, position)]


def _redenominated(book: Booked) -> list[Warning_]:
    """Say which symbols' prices have changed their currency, and how the earlier ones are read."""
    return [
        Warning_(
            code="price_currency_changed",
            message=f"prices of {symbol} were in {first} and are in {last}: the earlier ones count at their day's rate",
            data={"symbol": symbol, "currencies": [first, last]},
        )
        for symbol, (first, last) in book.prices.redenominated.items()
    ]


def _unstated(book: Booked, accounts: pl.DataFrame) -> list[Warning_]:
    used = {row.account for row in book.transactions} | {row.to_account for row in book.transactions if row.to_account}
    unstated = sorted(used - set(accounts["account"]))
    if accounts.is_empty() or not unstated:
        return []
    text = f"transactions name accounts that are not among those stated: {', '.join(unstated)}"
    return [Warning_(code="account_not_stated", message=text, data={"accounts": unstated})]


def _unnamed(items: Sequence[Transaction]) -> Warning_:
    text = f"{len(items)} disposals by specific lots name no lot_id: the oldest lots were closed"
    return Warning_(code="lot_not_named", message=text, data={"transactions": [item.transaction_id for item in items]})


def _missing(code: str, message: str, position: Position) -> Warning_:
    return Warning_(code=code, message=message, data={"symbol": position.key[1], "account": position.key[0]})


def _turns(flows: Sequence[tuple[dt.date, float]]) -> int:
    """Return how often dated flows change sign; up to once there is one rate at most."""
    signs = [amount > 0 for _, amount in sorted(flows)]
    return sum(before != after for before, after in pairwise(signs))


def _xirr_warnings(book: Booked, series: Series | None, rate: float | None) -> list[Warning_]:
    if series is None or not series.days:
        return []
    stretch = Stretch.whole(series, opened=book.opening is not None, end=book.asked.as_of)
    flows = dated_flows(stretch)
    if flows is None:
        return []
    days, amounts = [day for day, _ in flows], [amount for _, amount in flows]
    if rate is None:
        return [
            Warning_(
                code=f"xirr_{xirr(days, amounts).reason}", message="the flows have no money-weighted return", data={}
            )
        ]
    roots = xirr_roots(days, amounts, far=True) if _turns(flows) > 1 else ()
    if len(roots) > 1:
        return [Warning_(code="xirr_several_roots", message="several rates fit the flows", data={"roots": list(roots)})]
    return []
