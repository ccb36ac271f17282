"""What the Watchlist page says: each symbol with its price and target, and which alerts fire.

Belongs here: choosing and wording. Does not: prices, when an alert fires (`pipelines.portfolio.quotes`), layout.
"""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from dashboard.views.columns import Column, Kind
from pipelines import formats
from pipelines.portfolio.models import Status
from pipelines.portfolio.quotes import SymbolQuote, fires
from warehouse.ledger import Alert, Watched
from warehouse.schema.types import PRICE

SYMBOL = "Symbol"
COLUMNS = (
    Column(SYMBOL, "symbol", help="Click it for its page."),
    Column("Price", "price", Kind.PRICE, "Last price, in its currency."),
    Column("Day", "day_return", Kind.RETURN, "Since the session before."),
    Column("To target", "to_target", Kind.RETURN, "How far the price is to go until it is there."),
    Column("Currency", "currency"),
    Column("Name", "name"),
    Column("Target", "target", Kind.PRICE, "The price you wait for."),
    Column("Day change", "change", Kind.GAIN, "A unit, since the session before."),
    Column("Alerts", "alerts", Kind.DAYS, "How many there are of it."),
    Column("Note", "note"),
    Column("Priced on", "date", Kind.DATE),
    Column("Price is", "status", help="live, close, stale or missing"),
)
"""What says most comes first: a phone shows no more than that."""
ALERT_COLUMNS = (
    Column("State", "state", help="As of the price that is shown; without a fresh one it is not known."),
    Column("Alert", "alert"),
)
KINDS = {"Price at or above": "above", "Price at or below": "below", "Moves in a day by, %": "day_move"}
FIRES, WAITS, NOT_KNOWN = "fires", "waits", "not known"


def table(watched: Sequence[Watched], quotes: Sequence[SymbolQuote], alerts: Sequence[Alert]) -> pl.DataFrame:
    """Return a row a symbol, by name.

    Args:
        watched: The list.
        quotes: One for each row of it, in its order.
        alerts: Of any of them.
    """
    rows = [
        (
            row.symbol,
            quote.price,
            quote.day_return,
            _to_go(quote.price, row.target),
            quote.currency,
            quote.name,
            row.target,
            quote.change,
            sum(alert.symbol == row.symbol for alert in alerts),
            row.note,
            quote.date,
            quote.status.value,
        )
        for row, quote in zip(watched, quotes, strict=True)
    ]
    types = {Kind.TEXT: pl.String, Kind.DATE: pl.Date, Kind.RETURN: pl.Float64, Kind.DAYS: pl.Int64}
    return pl.DataFrame(rows, schema={one.title: types.get(one.kind, PRICE) for one in COLUMNS}, orient="row")


def _to_go(price: Decimal | None, target: Decimal | None) -> float | None:
    return float(target / price - 1) if price and target is not None else None


def alert_rows(alerts: Sequence[Alert], quotes: Sequence[SymbolQuote]) -> pl.DataFrame:
    """Return what each alert waits for and whether it fires, in their order."""
    by_symbol = {quote.symbol: quote for quote in quotes}
    states = {True: FIRES, False: WAITS, None: NOT_KNOWN}
    rows = [
        (states[fires(alert.kind, alert.threshold, quote)], words(alert, quote))
        for alert in alerts
        for quote in [by_symbol[alert.symbol]]
    ]
    return pl.DataFrame(rows, schema={column.title: pl.String for column in ALERT_COLUMNS}, orient="row")


def firing(alerts: Sequence[Alert], quotes: Sequence[SymbolQuote]) -> list[str]:
    """Return what fires in words: the price or the move, and what was waited for."""
    by_symbol = {quote.symbol: quote for quote in quotes}
    return [
        f"{_now(alert, quote)} ({_freshness(quote)}): {_condition(alert, quote)}."
        for alert in alerts
        if (quote := by_symbol[alert.symbol]) and fires(alert.kind, alert.threshold, quote)
    ]


def words(alert: Alert, quote: SymbolQuote) -> str:
    """Return what an alert waits for."""
    return f"{alert.symbol} {_condition(alert, quote)}"


def _condition(alert: Alert, quote: SymbolQuote) -> str:
    if alert.kind == "day_move":
        return f"moves {formats.percent(float(alert.threshold), signed=False)} or more in a day"
    return f"{alert.kind} {_price(alert.threshold, quote)}"


def _now(alert: Alert, quote: SymbolQuote) -> str:
    if alert.kind == "day_move":
        return f"{alert.symbol} {formats.percent(quote.day_return)}"
    return f"{alert.symbol} {_price(quote.price, quote)}"


def _price(value: Decimal | None, quote: SymbolQuote) -> str:
    return formats.price(value, quote.currency)


def _freshness(quote: SymbolQuote) -> str:
    word = {Status.LIVE: "live", Status.CLOSE: "close", Status.STALE: "old"}.get(quote.status, quote.status.value)
    return f"{word}, {formats.day(quote.date)}"


def unpriced(quotes: Sequence[SymbolQuote]) -> list[str]:
    """Return the symbols of which no price is known."""
    return [quote.symbol for quote in quotes if quote.price is None]
