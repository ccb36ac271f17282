"""One portfolio's frames out of the tables of all.

Belongs here: looking rows up by portfolio, symbol, currency or exchange, so that a portfolio costs what is its own,
however many others there are. Does not: figures, reading the tables from anywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.portfolio.frames import LedgerFrames, MarketFrames, fx_from_history, held_from_quarantine
from pipelines.portfolio.stated_market import stated_market
from warehouse.schema import ledger, market, ops

_OWN = "portfolio_id"
_BY = {
    ledger.TRANSACTIONS.name: _OWN,
    ledger.ACCOUNTS.name: _OWN,
    ledger.DIVIDEND_DECISIONS.name: _OWN,
    ledger.ALLOCATION_TARGETS.name: _OWN,
    ledger.SYMBOL_OVERRIDES.name: _OWN,
    ledger.MANUAL_PRICES.name: _OWN,
    market.PRICE_HISTORY.name: "symbol",
    market.SPLIT_HISTORY.name: "symbol",
    market.DIVIDEND_HISTORY.name: "symbol",
    market.SYMBOLS.name: "symbol",
    market.FX_HISTORY.name: "currency",
    market.TRADING_SESSIONS.name: "exchange",
    ops.QUARANTINE.name: "about",
}
_COLUMNS = {
    market.PRICE_HISTORY.name: ("symbol", "date", "close", "currency"),
    market.SPLIT_HISTORY.name: ("symbol", "ex_date", "ratio_new", "ratio_old"),
    market.DIVIDEND_HISTORY.name: ("symbol", "ex_date", "pay_date", "amount", "currency"),
    market.FX_HISTORY.name: ("currency", "date", "per_eur"),
    market.TRADING_SESSIONS.name: ("exchange", "date"),
    ops.QUARANTINE.name: ("table_name", "about", "date", "rule", "reason"),
}


def grouped(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return what is looked up in each table: the columns that count, the rows of one name together.

    Args:
        tables: By name, as declared: the ledger's mirrors, the histories, `symbols`, `trading_sessions`, and of
            `quarantine` what is open.
    """
    return {name: _together(tables[name].select(_COLUMNS.get(name, pl.all())), by) for name, by in _BY.items()}


def _together(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    names = frame[by].rle().struct.field("value")
    return frame if names.n_unique() == names.len() else frame.sort(by, maintain_order=True)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The rows of a frame by the value of one column, in which equal values lie together."""

    frame: pl.DataFrame
    spans: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, frame: pl.DataFrame, by: str) -> "_Lookup":
        """Return the rows by a column; that of the portfolio says nothing more."""
        runs = frame[by].rle().struct.unnest()
        lengths = runs["len"].cast(pl.Int64)
        spans = zip((lengths.cum_sum() - lengths).to_list(), lengths.to_list(), strict=True)
        return cls(frame.drop(_OWN, strict=False), dict(zip(runs["value"].to_list(), spans, strict=True)))

    def rows(self, names: Iterable[str]) -> pl.DataFrame:
        """Return the rows of some values, in their order; a value without rows has none."""
        found = [self.frame.slice(*self.spans[name]) for name in names if name in self.spans]
        return pl.concat(found) if found else self.frame.clear()


class Inputs:
    """What any portfolio is computed from.

    Args:
        tables: As `grouped` returns them.
    """

    def __init__(self, tables: Mapping[str, pl.DataFrame]) -> None:
        self._by = {name: _Lookup.of(tables[name], by) for name, by in _BY.items()}
        paid_in = (tables[table.name] for table in (market.PRICE_HISTORY, market.DIVIDEND_HISTORY))
        self._currencies = _currencies(pl.concat(frame.select("symbol", "currency") for frame in paid_in))

    def of(self, portfolio: Mapping[str, Any]) -> tuple[LedgerFrames, MarketFrames]:
        """Return the engine's inputs for a row of `portfolios`: its ledger, and the market of its symbols only."""
        overrides, prices = (
            self._own(table.name, portfolio) for table in (ledger.SYMBOL_OVERRIDES, ledger.MANUAL_PRICES)
        )
        own = LedgerFrames(
            transactions=self._own(ledger.TRANSACTIONS.name, portfolio),
            accounts=self._own(ledger.ACCOUNTS.name, portfolio),
            decisions=self._own(ledger.DIVIDEND_DECISIONS.name, portfolio),
            targets=self._own(ledger.ALLOCATION_TARGETS.name, portfolio),
            benchmark=portfolio["benchmark"],
            prices=prices,
        )
        published = self._market(own, {portfolio["base_currency"], *prices["currency"]})
        return own, stated_market(published, overrides, prices, own.transactions)

    def _own(self, name: str, portfolio: Mapping[str, Any]) -> pl.DataFrame:
        return self._by[name].rows([portfolio[_OWN]])

    def _market(self, own: LedgerFrames, named: set[str]) -> MarketFrames:
        symbols = sorted(_named(own.transactions["symbol"], own.transactions["to_symbol"]) | {own.benchmark or ""})
        prices, splits, dividends, master = (
            self._by[table.name].rows(symbols)
            for table in (market.PRICE_HISTORY, market.SPLIT_HISTORY, market.DIVIDEND_HISTORY, market.SYMBOLS)
        )
        # History knows rates against the euro alone, so that no other currency lies between two of these.
        stated = (own.transactions["currency"], own.transactions["to_currency"], own.accounts["currency"])
        paid_in = (self._currencies.get(symbol, ()) for symbol in symbols)
        currencies = named.union(_named(*stated, master["currency"]), *paid_in)
        return MarketFrames(
            prices=prices,
            fx=fx_from_history(self._by[market.FX_HISTORY.name].rows(sorted(currencies))),
            splits=splits,
            dividends=dividends,
            symbols=master,
            sessions=self._by[market.TRADING_SESSIONS.name].rows(sorted(_named(master["exchange"]))),
            held=held_from_quarantine(self._by[ops.QUARANTINE.name].rows(sorted({*symbols, *currencies}))),
        )


def _named(*columns: pl.Series) -> set[str]:
    return {name for column in columns for name in column.to_list() if name is not None}


def _currencies(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Return what each symbol's rows are in."""
    found = rows.group_by("symbol").agg(pl.col("currency").unique().drop_nulls())
    return dict(found.rows())
