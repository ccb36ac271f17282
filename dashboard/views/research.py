"""What the Research page says of an instrument, and what a text may mean.

Belongs here: choosing, naming and wording what is stored and what providers said. Does not: asking (`data.research`),
layout, charts.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

import polars as pl

from dashboard.views.ages import ago
from dashboard.views.columns import Column, Kind
from dashboard.views.overview import Tile
from pipelines import formats
from pipelines.portfolio.explain import (
    Closes,
    Explanation,
    explain_day_return,
    explain_gained,
    explain_price,
    explain_range,
)
from pipelines.portfolio.models import Status
from pipelines.portfolio.quotes import SymbolQuote
from pipelines.research import Article, Found, Match, StatementKind

RANGES: Final = {"1M": 1, "3M": 3, "6M": 6, "YTD": None, "1Y": 12, "5Y": 60, "All": 0}
"""Months of each range of the chart; 0 is everything, None since the last day of the year before."""
ADJUSTED: Final = {
    "As traded": "close",
    "Split-adjusted": "split_adjusted_close",
    "Dividend-adjusted": "adjusted_close",
}
STATEMENTS: Final = {
    "Income": StatementKind.INCOME,
    "Balance sheet": StatementKind.BALANCE,
    "Cash flow": StatementKind.CASH_FLOW,
}
PERIODS: Final = {"Annual": "annual", "Quarterly": "quarterly"}
MOST_MATCHES = 12
_SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.=^&-]{0,19}")
_YEAR_DAYS = 365

DIVIDEND_COLUMNS = (
    Column("Ex-date", "ex_date", Kind.DATE),
    Column("Pay date", "pay_date", Kind.DATE),
    Column("A unit", "amount", Kind.QUANTITY, "As declared, of the units of that day."),
    Column("Currency", "currency"),
    Column("Kind", "kind"),
    Column("Source", "source"),
)
SPLIT_COLUMNS = (
    Column("Ex-date", "ex_date", Kind.DATE),
    Column("New", "ratio_new", Kind.QUANTITY),
    Column("For old", "ratio_old", Kind.QUANTITY),
    Column("Source", "source"),
)
MATCH_COLUMNS = (
    Column("Symbol", "symbol", help="Click it for its page."),
    Column("Name", "name"),
    Column("Class", "asset_class"),
    Column("Exchange", "exchange"),
    Column("Trades in", "region"),
    Column("Currency", "currency"),
)


def symbol_of(text: str, known: Mapping[str, str]) -> str | None:
    """Return the symbol that a text is: one that is stored in any case, or any that is written as one.

    >>> symbol_of("aapl", {"AAPL": "Apple Inc."}), symbol_of("TSCO.L", {}), symbol_of("apple", {})
    ('AAPL', 'TSCO.L', None)
    """
    asked = text.strip()
    stored = next((symbol for symbol in known if symbol.lower() == asked.lower()), None)
    return stored or (asked if is_symbol(asked) else None)


def is_symbol(text: str) -> bool:
    """Return whether a text could be a symbol as Yahoo spells them.

    >>> is_symbol("BRK-B"), is_symbol("^GSPC"), is_symbol("<B>"), is_symbol("AAPL US")
    (True, True, False, False)
    """
    return _SYMBOL.fullmatch(text) is not None


def stored_matches(text: str, known: Mapping[str, str]) -> pl.DataFrame:
    """Return the stored symbols whose symbol or name has all the words, all without any: ``Symbol, Name``."""
    words = text.lower().split()
    found = [
        (symbol, name or None)
        for symbol, name in known.items()
        if all(word in f"{symbol} {name}".lower() for word in words)
    ]
    return pl.DataFrame(found[:MOST_MATCHES], schema={"Symbol": pl.String, "Name": pl.String}, orient="row")


def matches(found: Sequence[Match]) -> pl.DataFrame:
    """Return what providers found, the best first."""
    rows = [tuple(getattr(match, column.field) for column in MATCH_COLUMNS) for match in found]
    return pl.DataFrame(rows, schema={column.title: pl.String for column in MATCH_COLUMNS}, orient="row")


def facts(row: Mapping[str, Any]) -> str:
    """Return what an instrument is, in a line."""
    names = ("asset_class", "exchange", "sector", "industry", "country", "currency", "isin")
    said = [str(row[name]) for name in names if row[name]]
    if row["provider_symbol"]:
        said.append(f"asked for as {row['provider_symbol']}")
    if row["status"] != "active":
        said.append(str(row["status"]))
    return " · ".join(said)


def ahead(on: dt.date, day: dt.date) -> str:
    """Say that a day has no price yet for a page that is valued on another."""
    return f"{formats.day(on)} is after {formats.day(day)}, which this page is as of."


def priced(quote: SymbolQuote, source: str | None) -> str:
    """Return a price with the day it was traded on, its status and who said it."""
    if quote.price is None:
        return f"No price of {quote.symbol} is known on or before that day."
    word = {Status.LIVE: "live", Status.CLOSE: "close", Status.STALE: "old"}[quote.status]
    price = formats.price(quote.price, quote.currency)
    return f"{price}, {word}, traded on {formats.day(quote.date)}, from {source or 'an unknown source'}"


def window(line: pl.DataFrame, name: str, day: dt.date) -> pl.DataFrame:
    """Return a price line up to a day, of one of `RANGES`; it begins at the last price before the range.

    Args:
        line: ``date`` and closes, by date.
        name: The range.
        day: The last day.
    """
    until = line.filter(pl.col("date") <= day)
    months = RANGES[name]
    if months == 0 or until.is_empty():
        return until
    start = dt.date(day.year - 1, 12, 31) if months is None else _months_before(day, months)
    before = until.filter(pl.col("date") <= start)
    first = before["date"][-1] if before.height else until["date"][0]
    return until.filter(pl.col("date") >= first)


def _months_before(day: dt.date, months: int) -> dt.date:
    found: dt.date = pl.select(pl.lit(day).dt.offset_by(f"-{months}mo")).item()
    return found


def gained(line: pl.DataFrame) -> str:
    """Return what a line gained from its first to its last price: its price alone, and with dividends reinvested."""
    alone, whole = (formats.percent(_change(line, name)) for name in ("split_adjusted_close", "adjusted_close"))
    days = f"from {formats.day(line['date'][0])} to {formats.day(line['date'][-1])}"
    return f"{alone} {days}, prices alone; {whole} with dividends reinvested."


def _change(line: pl.DataFrame, column: str) -> float | None:
    """Return how much one of the closes gained, None where there are not two."""
    values = line[column].drop_nulls().cast(pl.Float64)
    return float(values[-1] / values[0] - 1) if len(values) > 1 and values[0] else None


def year(line: pl.DataFrame, day: dt.date) -> Closes:
    """Return the closes of the year until a day, as they count after splits, by day."""
    first = day - dt.timedelta(days=_YEAR_DAYS)
    return _by_day(line.filter((pl.col("date") <= day) & (pl.col("date") > first)), "split_adjusted_close")


def tiles(quote: SymbolQuote, source: str | None, closes: Closes) -> list[Tile]:
    """Return the headline figures of an instrument.

    Args:
        quote: Its price.
        source: Who said that.
        closes: Those of the `year`.
    """
    found = [
        Tile(
            "price", f"Price, {quote.currency}", formats.price(quote.price), made=lambda: explain_price(quote, source)
        ),
        Tile("day", "Day", formats.percent(quote.day_return), made=lambda: explain_day_return(quote, source)),
    ]
    if closes:
        between = f"{formats.price(min(closes.values()))} to {formats.price(max(closes.values()))}"
        explained = partial(explain_range, quote.symbol, closes, quote.currency)
        found.append(Tile("range", "Year's range", between, help="Closes, split-adjusted.", made=explained))
    return found


def explained_gains(symbol: str, line: pl.DataFrame, currency: str | None) -> Explanation:
    """Return what `gained` tells of, taken apart; of lines that have two closes."""
    lines = {name: _by_day(line, ADJUSTED[name]) for name in ("Split-adjusted", "Dividend-adjusted")}
    return explain_gained(symbol, {name: closes for name, closes in lines.items() if len(closes) > 1}, currency)


def _by_day(line: pl.DataFrame, column: str) -> dict[dt.date, Decimal]:
    return {on: Decimal(str(close)) for on, close in line.select("date", column).drop_nulls().iter_rows()}


def events(rows: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """Return dividends or splits, the newest first."""
    newest = rows.sort("ex_date", descending=True)
    return newest.select(pl.col(column.field).alias(column.title) for column in columns)


def statement(frame: pl.DataFrame, period: str) -> pl.DataFrame:
    """Return a statement of one of `PERIODS`: ``Item``, then a column for the end of each period, the newest first.

    Args:
        frame: ``pipelines.research.STATEMENTS``.
        period: Its title.
    """
    own = frame.filter(pl.col("period") == PERIODS[period])
    days = [f"{day}" for day in own["ended_on"].unique().sort(descending=True)]
    if not days:
        return pl.DataFrame(schema={"Item": pl.String})
    item = pl.col("item").str.replace_all("_", " ")
    readable = own.with_columns(
        Item=item.str.slice(0, 1).str.to_uppercase() + item.str.slice(1), day=pl.col("ended_on").cast(pl.String)
    )
    wide = readable.pivot("day", index="Item", values="amount", aggregate_function="first", maintain_order=True)
    return wide.select("Item", *days)


def statement_columns(frame: pl.DataFrame) -> list[Column]:
    """Return how a statement's columns are drawn."""
    return [Column(name, name, Kind.TEXT if name == "Item" else Kind.COMPACT) for name in frame.columns]


def currency_of(frame: pl.DataFrame) -> str:
    """Return the currencies of a statement, in words."""
    return ", ".join(frame["currency"].drop_nulls().unique().sort()) or "a currency that is not said"


def headline(article: Article) -> str:
    """Return an article as a line of Markdown: a link, who published it and when."""
    title = re.sub(r"([\\\[\]*_`$<>#])", r"\\\1", article.title)
    said = [formats.day(article.published_at.date()), article.publisher]
    if article.sentiment is not None:
        said.append(f"sentiment {article.sentiment:+.2f}")
    where = f"[{title}]({article.url})" if article.url.startswith(("https://", "http://")) else title
    return f"{where}  \n:small[{' · '.join(part for part in said if part)}]"


def said(found: Found[Any], now: dt.datetime) -> str | None:
    """Return who gave an answer and how long ago, None where nobody has."""
    if found.answered_at is None:
        return None
    return f"From {found.source}, {ago(now - found.answered_at)}."
