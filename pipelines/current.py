"""The view of a portfolio as it stands: from the mart where that is current, else computed at once.

Belongs here: choosing between the two, and gathering the frames for the second. Does not: figures, pages, commands.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import polars as pl

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import LedgerFrames, MarketFrames, fx_from_history
from pipelines.portfolio.models import SECTIONS, CompleteView, CostMethod, Provenance
from warehouse.ledger import LedgerRepository, Portfolio
from warehouse.reader import Reader
from warehouse.schema import Table, market


@dataclass(frozen=True, slots=True)
class CurrentView:
    """A view and where it comes from; ``live`` where the publication is behind the ledger."""

    view: CompleteView
    live: bool


def current_view(reader: Reader, repository: LedgerRepository, portfolio: Portfolio, *, today: dt.date) -> CurrentView:
    """Return the published view if it is of the ledger's present version, else the same computed now.

    Raises:
        NoPublicationError: If there is no market to value with.
        EngineError: If the ledger is refused.
    """
    published = published_view(reader, portfolio)
    if published is not None:
        return CurrentView(published, live=False)
    return CurrentView(live_view(reader, repository, portfolio, today=today), live=True)


def published_view(reader: Reader, portfolio: Portfolio) -> CompleteView | None:
    """Return the mart's view of the portfolio's present version, None where there is none."""
    publication = reader.publication()
    top = reader.section(portfolio.portfolio_id, "top")
    if top is None or top[0] != portfolio.version:
        return None
    parts = reader.sections(portfolio.portfolio_id, SECTIONS)
    document = json.loads(top[2]) | {name: json.loads(text) for name, text in parts.items()}
    document["provenance"]["publication_id"] = publication.id
    return CompleteView.model_validate(document)


def live_view(reader: Reader, repository: LedgerRepository, portfolio: Portfolio, *, today: dt.date) -> CompleteView:
    """Compute the view from the ledger as it is and the market as published."""
    transactions, accounts = repository.frames(portfolio.portfolio_id)
    ledger = LedgerFrames(
        transactions=_without_portfolio(transactions),
        accounts=_without_portfolio(accounts),
        benchmark=portfolio.benchmark,
    )
    return complete_view(
        ledger,
        market_frames(reader, _symbols(transactions, portfolio.benchmark)),
        as_of=today,
        base_currency=portfolio.base_currency,
        cost_method=CostMethod(portfolio.cost_method),
        provenance=Provenance(
            engine_version=version("folioduck"),
            ledger_version=portfolio.version,
            publication_id=reader.publication().id,
            portfolio_id=portfolio.portfolio_id,
            portfolio_name=portfolio.name,
        ),
    )


def market_frames(reader: Reader, symbols: Sequence[str]) -> MarketFrames:
    """Return the published market of some symbols, with all rates and sessions."""

    def of_symbols(table: Table) -> pl.DataFrame:
        return reader.table(table, where={"symbol": symbols})

    return MarketFrames(
        prices=of_symbols(market.PRICE_HISTORY).select("symbol", "date", "close", "currency"),
        fx=fx_from_history(reader.table(market.FX_HISTORY)),
        splits=of_symbols(market.SPLIT_HISTORY).select("symbol", "ex_date", "ratio_new", "ratio_old"),
        dividends=of_symbols(market.DIVIDEND_HISTORY).select("symbol", "ex_date", "pay_date", "amount", "currency"),
        symbols=of_symbols(market.SYMBOLS),
        sessions=reader.table(market.TRADING_SESSIONS).select("exchange", "date"),
    )


def _symbols(transactions: pl.DataFrame, benchmark: str | None) -> list[str]:
    named = {*transactions["symbol"], *transactions["to_symbol"], benchmark} - {None}
    return sorted(str(symbol) for symbol in named)


def _without_portfolio(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop("portfolio_id", strict=False)
