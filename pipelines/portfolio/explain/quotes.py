"""Prices of an instrument that no portfolio need hold, taken apart.

Belongs here: the move of a day, what a price line gained and the closes between which it lay. Does not: the price that
counts (`prices`), figures of a view (`figures`).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made
from pipelines.portfolio.models import Status
from pipelines.portfolio.quotes import SymbolQuote

Closes = Mapping[dt.date, Decimal]
"""Closes of a line by their days."""


def explain_price(quote: SymbolQuote, said_by: str | None = None) -> Explanation:
    """Return the price that counts on a day: where it ends.

    Args:
        quote: The price.
        said_by: Which source it came from.
    """
    source = price_row(quote.symbol, quote.date, quote.status)
    note = ", ".join(word for word in (quote.status.value, said_by and f"from {said_by}") if word)
    return ended(f"{quote.symbol}, price", quote.price, unit=quote.currency, source=source, note=note)


def price_row(symbol: str, day: dt.date | None, status: Status, table: str = "price_history") -> str | None:
    """Return the row that a price is of; None where there is no price."""
    if status is Status.LIVE:
        return f"symbols {symbol}"
    return None if day is None else f"{table} {symbol} {day}"


def explain_day_return(quote: SymbolQuote, said_by: str | None = None) -> Explanation:
    """Return the move of a day taken apart: its price, and the close of the session before; as `explain_price`."""
    figure = f"{quote.symbol}, day"
    if quote.price is None or quote.change is None:
        return ended(figure, quote.day_return, note="there is no close of a session shortly before")
    before = ended(
        f"{quote.symbol}, close before",
        quote.price - quote.change,
        unit=quote.currency,
        source=f"price_history {quote.symbol} {quote.date_before}",
        note="of the session before, in the units there are since",
    )
    return made(Operation.CHANGE, figure, quote.day_return, [explain_price(quote, said_by), before])


def explain_range(symbol: str, closes: Closes, currency: str | None) -> Explanation:
    """Return the lowest and the highest of the closes of a line, which is not empty, with their days."""
    ends = {"lowest close": min, "highest close": max}
    days = {name: end(closes, key=lambda day: closes[day]) for name, end in ends.items()}
    parts = [
        ended(name, closes[day], unit=currency, source=_source(symbol, day), note="as it counts after splits")
        for name, day in days.items()
    ]
    return ended(f"{symbol}, year's range", None, note="the two closes between which all of the year lie", parts=parts)


def explain_closes(symbol: str, day: dt.date, closes: Mapping[str, Decimal], currency: str | None) -> Explanation:
    """Return the closes of a day: where they end.

    Args:
        symbol: The instrument.
        day: The day of the closes.
        closes: As traded and restated, by their names.
        currency: Of the closes.
    """
    parts = [ended(name, close, unit=currency, source=_source(symbol, day)) for name, close in closes.items()]
    return ended(f"{symbol}, close of {day}", None, parts=parts)


def explain_gained(symbol: str, lines: Mapping[str, Closes], currency: str | None) -> Explanation:
    """Return what lines of one instrument gained, from the first to the last close of each.

    Args:
        symbol: The instrument.
        lines: Closes of each line by its name; each has two at least.
        currency: Of the closes.
    """
    parts = [_gained(symbol, name, closes, currency) for name, closes in lines.items()]
    return ended(f"{symbol}, gained", None, note="of each line by itself", parts=parts)


def _gained(symbol: str, name: str, closes: Closes, currency: str | None) -> Explanation:
    first, last = min(closes), max(closes)
    ends = {"last close": last, "first close": first}
    parts = [
        ended(word, closes[day], unit=currency, source=_source(symbol, day), note=name) for word, day in ends.items()
    ]
    return made(Operation.CHANGE, name, float(closes[last] / closes[first] - 1), parts)


def _source(symbol: str, day: dt.date) -> str:
    return f"adjusted_prices {symbol} {day}"
