"""Alpha Vantage's search, statements and news in the shape that all providers share.

Belongs here: what the fields mean. Does not: their shape (`alphavantage_answer`), asking for them (`alphavantage`).
"""

from datetime import date

import polars as pl
from pydantic.alias_generators import to_snake

from pipelines.sources.alphavantage_answer import Found, Matches, News, NewsItem, Report, Reports
from pipelines.sources.alphavantage_codes import ASSET_CLASS, PRICE_UNIT, exchange_of, symbol_of
from pipelines.sources.lookups import STATEMENTS, Article, Match, StatementKind
from pipelines.sources.yahoo_codes import unit_of


def parse_matches(said: Matches) -> tuple[Match, ...]:
    """Return what was found, the best first."""
    return tuple(_match(found) for found in said.matches)


def parse_statements(said: Reports, symbol: str, kind: StatementKind) -> pl.DataFrame:
    """Return reports as rows, schema ``STATEMENTS``: annual ones, then quarterly ones, the newest first."""
    rows = [
        (symbol, kind.value, period, report.ended_on, report.currency, to_snake(item), amount)
        for period, reports in (("annual", said.annual), ("quarterly", said.quarterly))
        for report in sorted(reports, key=_ended_on, reverse=True)
        for item, amount in sorted(report.__pydantic_extra__.items())
        if amount is not None
    ]
    return pl.DataFrame(rows, schema=STATEMENTS, orient="row")


def parse_news(said: News) -> tuple[Article, ...]:
    """Return articles, the newest first."""
    return tuple(sorted(map(_article, said.feed), key=lambda article: article.published_at, reverse=True))


def _match(found: Found) -> Match:
    exchange = exchange_of(found.symbol)
    code = found.currency
    return Match(
        symbol=symbol_of(found.symbol),
        name=found.name,
        asset_class=ASSET_CLASS.get(found.type or ""),
        exchange=exchange.mic if exchange is not None else None,
        region=found.region,
        currency=None if code is None else unit_of(PRICE_UNIT.get(code, code)).currency,
        score=found.score,
    )


def _ended_on(report: Report) -> date:
    return report.ended_on


def _article(item: NewsItem) -> Article:
    return Article(
        title=item.title.strip(),
        url=item.url,
        published_at=item.published_at,
        publisher=item.publisher,
        summary=item.summary,
        symbols=tuple(symbol_of(mention.ticker) for mention in item.tickers),
        sentiment=item.sentiment,
    )
