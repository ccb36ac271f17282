"""The price of a symbol on a day, how it moved, and whether an alert about it fires.

Belongs here: what people look at beside a portfolio (CALCULATIONS 3). Does not: which price counts (`prices`), the
value of what is held (`holdings`), keeping alerts (`warehouse.ledger`).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipelines.portfolio.booked import market_splits
from pipelines.portfolio.booking.books import Split
from pipelines.portfolio.exact import Ratio, money, ratio_of, scaled
from pipelines.portfolio.frames import MarketFrames
from pipelines.portfolio.models import Status
from pipelines.portfolio.prices import PriceBook

_MOST_DAYS_APART = 7
"""A move of more days than this is none of a day."""
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SymbolQuote:
    """What one unit of a symbol is worth on a day.

    Args:
        symbol: The instrument.
        name: Its full name, None where the master has none.
        currency: Of its prices; None where nothing is known of it.
        price: A unit, of the units there are on the day; None where it is missing.
        date: Day on which that was traded.
        status: How fresh it is.
        change: Since the session before, of the same units; None where either is missing, old, or the two are more than
            a week apart.
        day_return: The same as a fraction.
        date_before: Day of the session before, None where there is no change since one.
    """

    symbol: str
    name: str | None
    currency: str | None
    price: Decimal | None
    date: dt.date | None
    status: Status
    change: Decimal | None
    day_return: float | None
    date_before: dt.date | None = None


def quotes_on(market: MarketFrames, symbols: Sequence[str], day: dt.date) -> list[SymbolQuote]:
    """Return what symbols are worth on a day, in their order.

    Args:
        market: Prices, splits, master and sessions of them; rates where one has changed its currency.
        symbols: The instruments; one that the market does not know has a quote without a price.
        day: The day; later prices are not looked at.
    """
    splits = market_splits(market.splits, set(symbols), day)
    book = PriceBook(market, set(symbols), day, splits)
    return [_quote(book, [split for split in splits if split.symbol == symbol], symbol, day) for symbol in symbols]


def _quote(book: PriceBook, splits: Iterable[Split], symbol: str, day: dt.date) -> SymbolQuote:
    found = book.quote(symbol, day)
    before = date_before = None
    if found.price is not None and found.date is not None and found.status is not Status.STALE:
        before, date_before = _before(book, splits, symbol, found.date)
    change = None if found.price is None or before is None else found.price - before
    return SymbolQuote(
        symbol=symbol,
        name=book.attribute(symbol, "name"),
        currency=book.currency(symbol),
        price=money(found.price),
        date=found.date,
        status=found.status,
        change=money(change),
        day_return=ratio_of(change, before),
        date_before=date_before,
    )


def _before(
    book: PriceBook, splits: Iterable[Split], symbol: str, traded: dt.date
) -> tuple[int, dt.date] | tuple[None, None]:
    """Return the close before a session and its day, of the units there are since, also after a split of that session.

    There is none more than a week before.
    """
    found = book.close(symbol, traded - _DAY)
    if found is None or (traded - found[1]).days > _MOST_DAYS_APART:
        return None, None
    close, day = found
    for split in splits:
        if split.date >= traded:
            close = scaled(close, Ratio(split.old, split.new))
    return close, day


def fires(kind: str, threshold: Decimal, quote: SymbolQuote) -> bool | None:
    """Return whether an alert fires on a quote; None where that cannot be known.

    Args:
        kind: ``above`` or ``below`` (at the threshold counts), or ``day_move``, either way.
        threshold: A price in the currency of the quote; of a move, a fraction.
        quote: The quote.
    """
    if kind == "day_move":
        return None if quote.day_return is None else abs(quote.day_return) >= float(threshold)
    if quote.price is None:
        return None
    return quote.price >= threshold if kind == "above" else quote.price <= threshold
