"""What a provider may be asked for by people, beside the market's data: search, statements, news.

Belongs here: the Protocols and the shape of their answers, the same for all providers. Does not: any provider, keeping
an answer, trying again.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import polars as pl

from pipelines.sources.base import PriceRequest
from pipelines.sources.writable import DESCRIBES


class StatementKind(StrEnum):
    """Which financial statement."""

    INCOME = "income"
    BALANCE = "balance"
    CASH_FLOW = "cash_flow"


STATEMENTS = pl.Schema(
    {
        "symbol": pl.String(),
        "statement": pl.String(),
        "period": pl.String(),
        "ended_on": pl.Date(),
        "currency": pl.String(),
        "item": pl.String(),
        "amount": pl.Decimal(28, 8),
    }
)
"""One row an amount: ``statement`` is a `StatementKind`, ``period`` annual or quarterly, ``item`` the provider's name
of the line in snake case (total_revenue), ``amount`` in ``currency``, exact. What is not reported is no row."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """An instrument that a search has found.

    Args:
        symbol: As the master spells it, whoever has found it.
        name: Its full name.
        asset_class: Equity, ETF, Fund, …; None where the provider says something else.
        exchange: ISO 10383 market identifier code.
        region: Where it trades, in the provider's words.
        currency: ISO 4217 code of the major unit.
        score: How well it fits, from 0 to 1; None where the provider does not say.
    """

    symbol: str
    name: str | None = None
    asset_class: str | None = None
    exchange: str | None = None
    region: str | None = None
    currency: str | None = None
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class Article:
    """One piece of news.

    Args:
        title: Its headline.
        url: Where it can be read.
        published_at: In UTC.
        publisher: Who published it.
        summary: Its beginning, or what it says in short.
        symbols: The instruments it is about, as the master spells them.
        sentiment: From -1 (bearish) to 1 (bullish), as the provider sees it; None where it does not say.
    """

    title: str = field(metadata=DESCRIBES)
    url: str
    published_at: datetime
    publisher: str | None = None
    summary: str | None = None
    symbols: tuple[str, ...] = ()
    sentiment: float | None = None


@runtime_checkable
class Searcher(Protocol):
    """A source that finds instruments by text."""

    @property
    def name(self) -> str:
        """Return the source's name."""
        ...

    def search(self, text: str) -> tuple[Match, ...]:
        """Return what a name, a symbol or a part of one may mean, the best first; nothing is no failure.

        Raises:
            SourceError: One of `pipelines.sources.errors`.
        """
        ...


@runtime_checkable
class Reporter(Protocol):
    """A source of financial statements."""

    @property
    def name(self) -> str:
        """Return the source's name."""
        ...

    def statements(self, request: PriceRequest, kind: StatementKind) -> pl.DataFrame:
        """Return the annual and quarterly statements of one kind, schema ``STATEMENTS``, the newest first.

        The window of the request does not matter.

        Raises:
            SourceError: One of `pipelines.sources.errors`.
        """
        ...


@runtime_checkable
class NewsDesk(Protocol):
    """A source of news."""

    @property
    def name(self) -> str:
        """Return the source's name."""
        ...

    def news(self, request: PriceRequest, *, limit: int) -> tuple[Article, ...]:
        """Return at most so many articles about an instrument, the newest first.

        Raises:
            SourceError: One of `pipelines.sources.errors`.
        """
        ...
