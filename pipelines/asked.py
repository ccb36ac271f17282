"""A view as somebody asks for it: of another date, account or method, and as it was known on an earlier day.

Belongs here: gathering the engine's frames from ledger and warehouse, as known now or then. Does not: figures (the
engine is pure), the published view (`current`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import polars as pl

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import LedgerFrames, MarketFrames, fx_from_history, held_from_quarantine
from pipelines.portfolio.models import CompleteView, CostMethod, Provenance
from pipelines.portfolio.stated_market import stated_market
from warehouse.ledger import LedgerRepository, Portfolio, settings_as_known
from warehouse.reader import Reader
from warehouse.schema import Table, market, ops


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is asked for.

    Args:
        as_of: Valuation date.
        known_on: Take ledger, settings and market as they were known at the end of this day (UTC); None for now.
        since: The period opens at the close of this day.
        account: One account alone.
        cost_method: None for the portfolio's own (of then, if ``known_on`` is given).
        with_journal: Whether to list every transaction as it was booked, for explanations.
    """

    as_of: dt.date
    known_on: dt.date | None = None
    since: dt.date | None = None
    account: str | None = None
    cost_method: CostMethod | None = None
    with_journal: bool = False

    @property
    def known_before(self) -> dt.datetime | None:
        """Return the moment from which on nothing was known yet."""
        if self.known_on is None:
            return None
        return dt.datetime.combine(self.known_on + dt.timedelta(days=1), dt.time(), dt.UTC)


def asked_view(reader: Reader, repository: LedgerRepository, portfolio: Portfolio, asked: Asked) -> CompleteView:
    """Compute a view from the ledger and the published market.

    Raises:
        NoPublicationError: If there is no market to value with.
        EngineError: If the ledger is refused.
    """
    before = asked.known_before
    if before is not None:
        portfolio = settings_as_known(portfolio, repository.events(portfolio.portfolio_id, "portfolio"), before)
    ledger, market_known = frames_for(reader, repository, portfolio, before)
    return complete_view(
        ledger,
        market_known,
        as_of=asked.as_of,
        base_currency=portfolio.base_currency,
        cost_method=asked.cost_method or CostMethod(portfolio.cost_method),
        since=asked.since,
        account=asked.account,
        include_journal=asked.with_journal,
        provenance=Provenance(
            engine_version=version("folioduck"),
            ledger_version=portfolio.version,
            publication_id=reader.publication().id,
            portfolio_id=portfolio.portfolio_id,
            portfolio_name=portfolio.name,
            known_on=asked.known_on,
        ),
    )


def frames_for(
    reader: Reader, repository: LedgerRepository, portfolio: Portfolio, before: dt.datetime | None = None
) -> tuple[LedgerFrames, MarketFrames]:
    """Return the engine's frames of a portfolio, as known now or before a moment."""
    key = portfolio.portfolio_id
    stated = repository.frames(key) if before is None else repository.frames_as_known(key, before)
    transactions, accounts, decisions, targets, overrides, prices = stated
    ledger = LedgerFrames(
        transactions=transactions,
        accounts=accounts,
        decisions=decisions,
        targets=targets,
        prices=prices,
        benchmark=portfolio.benchmark,
    )
    published = market_frames(reader, symbols_of(transactions, portfolio.benchmark), before)
    return ledger, stated_market(published, overrides, prices, transactions)


def symbols_of(transactions: pl.DataFrame, benchmark: str | None) -> list[str]:
    """Return the symbols that a ledger and its benchmark name."""
    named = {*transactions["symbol"], *transactions["to_symbol"], benchmark} - {None}
    return sorted(str(symbol) for symbol in named)


def market_frames(
    reader: Reader, symbols: Sequence[str], before: dt.datetime | None = None, publication_id: str | None = None
) -> MarketFrames:
    """Return the published market of some symbols with all rates and sessions, as known now or before a moment."""

    def history(table: Table, *, of_symbols: bool = True) -> pl.DataFrame:
        where = {"symbol": symbols} if of_symbols else None
        if before is None:
            return reader.table(table, where=where, publication_id=publication_id)
        return reader.table_as_known(table, before=before, where=where, publication_id=publication_id)

    master = reader.table(market.SYMBOLS, where={"symbol": symbols}, publication_id=publication_id)
    sessions = reader.table(market.TRADING_SESSIONS, publication_id=publication_id)
    return MarketFrames(
        prices=history(market.PRICE_HISTORY).select("symbol", "date", "close", "currency"),
        fx=fx_from_history(history(market.FX_HISTORY, of_symbols=False)),
        splits=history(market.SPLIT_HISTORY).select("symbol", "ex_date", "ratio_new", "ratio_old"),
        dividends=history(market.DIVIDEND_HISTORY).select("symbol", "ex_date", "pay_date", "amount", "currency"),
        symbols=_without_later_prices(master, before),
        sessions=sessions.select("exchange", "date"),
        held=held_from_quarantine(_waiting(reader.table(ops.QUARANTINE, publication_id=publication_id), before)),
    )


def _waiting(quarantine: pl.DataFrame, before: dt.datetime | None) -> pl.DataFrame:
    """Return the rows that are held back now, or were at a moment."""
    if before is None:
        return quarantine.filter(pl.col("state") == ops.OPEN)
    left = pl.col("resolved_at").is_null() | (pl.col("resolved_at") >= before)
    return quarantine.filter(pl.col("first_seen_at") < before, left)


def _without_later_prices(master: pl.DataFrame, before: dt.datetime | None) -> pl.DataFrame:
    """Take out the current price where it came to be known later; the master keeps no older one."""
    if before is None:
        return master
    known = pl.col("last_price_at") < before
    return master.with_columns(pl.when(known).then(pl.col("last_price")), pl.when(known).then(pl.col("last_price_at")))
