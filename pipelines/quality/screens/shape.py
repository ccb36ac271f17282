"""What screens are given, and how they say what they find.

Belongs here: the fetched and the known rows, conformed; findings out of a frame. Does not: any judgement.
"""

from dataclasses import dataclass, field

import polars as pl

from pipelines.quality.finding import FINDINGS
from warehouse.schema import Table, market
from warehouse.schema.types import TIMESTAMP

ADJ_CLOSE = "adj_close"
_LATER = frozenset({"fetched_at", "known_from", "bulk_loaded"})
_WHEN: dict[str, pl.DataType] = {"fetched_at": TIMESTAMP}
_SINCE: dict[str, pl.DataType] = {"known_from": TIMESTAMP}
_UNTIL: dict[str, pl.DataType] = {"known_until": TIMESTAMP}
_DAY = {market.DIVIDEND_HISTORY.name: "ex_date", market.SPLIT_HISTORY.name: "ex_date"}
_ABOUT = {market.FX_HISTORY.name: "currency"}


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """One fetch, before anything is written; a frame without rows may be without columns, too.

    Args:
        prices: Values of `price_history` and ``source``. More columns do not matter, but for ``adj_close`` (Float64):
            the provider's own close, adjusted for splits and dividends. Where it is there, dividends are held
            against it.
        dividends: Values of `dividend_history` and ``source``.
        splits: Values of `split_history` and ``source``.
        rates: Values of `fx_history` and ``source``.
        quotes: Current prices as prices of their day. They are evidence beside the histories; nothing is found of them.
    """

    prices: pl.DataFrame
    dividends: pl.DataFrame
    splits: pl.DataFrame
    rates: pl.DataFrame
    quotes: pl.DataFrame = field(default_factory=pl.DataFrame)

    def conformed(self) -> "Fetched":
        """Return the same rows with every column that screens read, in its declared type, null where it was absent."""
        return Fetched(
            prices=_conformed(self.prices, market.PRICE_HISTORY, {ADJ_CLOSE: pl.Float64()}),
            dividends=_conformed(self.dividends, market.DIVIDEND_HISTORY),
            splits=_conformed(self.splits, market.SPLIT_HISTORY),
            rates=_conformed(self.rates, market.FX_HISTORY),
            quotes=_conformed(self.quotes, market.PRICE_HISTORY),
        )

    def in_price_currency(self, dividends: pl.DataFrame) -> pl.DataFrame:
        """Return the dividends in the currency of their symbol's fetched prices: only those can be compared."""
        return dividends.join(self.prices.select("symbol", "currency").unique(), on=["symbol", "currency"], how="semi")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the warehouse holds of the symbols and currencies that were fetched.

    Args:
        prices: Rows of `price_history`; a recent window is enough, more of it makes the judgement surer.
        dividends: Rows of `dividend_history`.
        splits: Rows of `split_history`, all of them.
        rates: Rows of `fx_history`; a recent window is enough.
        symbols: The master `symbols`.
        sessions: `trading_sessions`.
        revised: Rows of `price_history_revisions` of late: what was stored before it was told anew.
        revised_rates: The same of `fx_history_revisions`.
        revised_dividends: Rows of `dividend_history_revisions`, all of them.
        revised_splits: The same of `split_history_revisions`.
    """

    prices: pl.DataFrame
    dividends: pl.DataFrame
    splits: pl.DataFrame
    rates: pl.DataFrame
    symbols: pl.DataFrame
    sessions: pl.DataFrame
    revised: pl.DataFrame = field(default_factory=pl.DataFrame)
    revised_rates: pl.DataFrame = field(default_factory=pl.DataFrame)
    revised_dividends: pl.DataFrame = field(default_factory=pl.DataFrame)
    revised_splits: pl.DataFrame = field(default_factory=pl.DataFrame)

    def conformed(self) -> "Known":
        """Return the same rows with every column that screens read, in its declared type, null where it was absent."""
        return Known(
            prices=_conformed(self.prices, market.PRICE_HISTORY, _WHEN),
            dividends=_conformed(self.dividends, market.DIVIDEND_HISTORY, _WHEN),
            splits=_conformed(self.splits, market.SPLIT_HISTORY, _WHEN),
            rates=_conformed(self.rates, market.FX_HISTORY),
            symbols=_conformed(self.symbols, market.SYMBOLS),
            sessions=_conformed(self.sessions, market.TRADING_SESSIONS),
            revised=_conformed(self.revised, market.PRICE_HISTORY, _SINCE),
            revised_rates=_conformed(self.revised_rates, market.FX_HISTORY, _SINCE),
            revised_dividends=_conformed(self.revised_dividends, market.DIVIDEND_HISTORY),
            revised_splits=_conformed(self.revised_splits, market.SPLIT_HISTORY, _WHEN | _UNTIL),
        )


def _conformed(frame: pl.DataFrame, table: Table, more: dict[str, pl.DataType] | None = None) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in table.polars_schema.items() if name not in _LATER} | (more or {})
    if not frame.width:
        return pl.DataFrame(schema=schema)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def found(
    rows: pl.DataFrame,
    table: Table,
    rule: str | pl.Expr,
    *,
    column: str | pl.Expr,
    value: pl.Expr,
    reason: pl.Expr,
    expected: pl.Expr | None = None,
    held: bool | pl.Expr = True,
) -> pl.DataFrame:
    """Return a finding for each row.

    Args:
        rows: The rows that a screen does not believe: those of ``table``'s columns that name the row, and what the
            expressions read.
        table: The table that the rows would go into.
        rule: The name of what is wrong, or an expression that gives it.
        column: Which column is in doubt, its name or an expression that gives it.
        value: What was fetched.
        reason: One line for people, with the figures that it rests on.
        expected: What would have been believed, where that can be said.
        held: Whether the rows are held back.
    """
    if rows.is_empty():  # as nearly always: what would be said of nothing takes longer than finding it
        return pl.DataFrame(schema=FINDINGS)
    said = {
        "table_name": pl.lit(table.name),
        "about": pl.col(_ABOUT.get(table.name, "symbol")),
        "date": pl.col(_DAY.get(table.name, "date")),
        "rule": pl.lit(rule) if isinstance(rule, str) else rule,
        "column": pl.lit(column) if isinstance(column, str) else column,
        "value": text(value),
        "expected": pl.lit(None, dtype=pl.String) if expected is None else text(expected),
        "reason": reason,
        "held": pl.lit(held) if isinstance(held, bool) else held,
    }
    return rows.select(expression.alias(name) for name, expression in said.items()).cast(FINDINGS)


def text(value: pl.Expr) -> pl.Expr:
    """Return a number as people write it, without the zeros that a decimal or a float drags along."""
    plain = value.cast(pl.String)
    fraction = plain.str.contains(".", literal=True) & ~plain.str.contains("e", literal=True)
    return pl.when(fraction).then(plain.str.strip_chars_end("0").str.strip_chars_end(".")).otherwise(plain)


def figure(value: pl.Expr) -> pl.Expr:
    """Return a computed number to four digits, as text."""
    return text(value.cast(pl.Float64).round_sig_figs(4))


def percent(fraction: pl.Expr) -> pl.Expr:
    """Return a fraction as a percentage to three digits, as text."""
    return text((100 * fraction.cast(pl.Float64)).round_sig_figs(3)) + "%"


_VALUES = {
    market.PRICE_HISTORY.name: ["open", "high", "low", "close", "currency"],
    market.DIVIDEND_HISTORY.name: ["amount", "currency", "kind"],
    market.SPLIT_HISTORY.name: ["ratio_new", "ratio_old"],
    market.FX_HISTORY.name: ["per_eur"],
}


def told_already(findings: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return ``table_name``, ``about`` and ``date`` of findings on what is stored just so already, whoever says so."""
    pairs = (
        (market.PRICE_HISTORY, fetched.prices, known.prices),
        (market.DIVIDEND_HISTORY, fetched.dividends, known.dividends),
        (market.SPLIT_HISTORY, fetched.splits, known.splits),
        (market.FX_HISTORY, fetched.rates, known.rates),
    )
    named = set(findings["table_name"])
    return pl.concat([_told_already(findings, *pair) for pair in pairs if pair[0].name in named])


def _told_already(findings: pl.DataFrame, table: Table, fetched: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    about, day = _ABOUT.get(table.name, "symbol"), _DAY.get(table.name, "date")
    values = [about, day, *(name for name in _VALUES[table.name] if name != about)]
    keys = findings.filter(pl.col("table_name") == table.name).select(
        pl.col("about").alias(about), pl.col("date").alias(day)
    )
    fetched = fetched.join(keys, on=[about, day], how="semi")
    new = fetched.join(stored, on=values, how="anti", nulls_equal=True).select(about, day)
    told = fetched.select(about, day).unique().join(new, on=[about, day], how="anti")
    return told.select(table_name=pl.lit(table.name), about=about, date=day)
