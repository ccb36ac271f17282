"""Alpha Vantage as a source.

Belongs here: which questions make up an answer, as few as can be, for a free key has 25 a day. Does not: HTTP
(`alphavantage_client`), reading answers (`alphavantage_parse`, `alphavantage_lookups`), trying again (`resilience`).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import polars as pl
from pydantic import SecretStr

from pipelines.sources import alphavantage_answer as answer
from pipelines.sources import alphavantage_parse as parse
from pipelines.sources.alphavantage_client import AlphaVantageClient
from pipelines.sources.alphavantage_codes import UNITED_STATES, exchange_of, ticker_of
from pipelines.sources.alphavantage_listing import Listing, described, listing_of_overview, listing_of_search
from pipelines.sources.alphavantage_lookups import parse_matches, parse_news, parse_statements
from pipelines.sources.base import RATES, Description, PriceAnswer, PriceRequest, at_once
from pipelines.sources.errors import MalformedAnswerError, TooFarBackError, UnknownSymbolError, UnsupportedError
from pipelines.sources.lookups import Article, Match, StatementKind
from pipelines.sources.resumed import Once, Resumed

_COMPACT_REACH = timedelta(days=130)
"""The short answer has the last 100 sessions, which is 138 days at least."""
_COMPACT_RATES_REACH = timedelta(days=90)
"""Pairs are said to trade on up to six days a week."""
_FUNCTION_OF = {
    StatementKind.INCOME: "INCOME_STATEMENT",
    StatementKind.BALANCE: "BALANCE_SHEET",
    StatementKind.CASH_FLOW: "CASH_FLOW",
}
_MOST_NEWS = 1000


class AlphaVantageSource:
    """Prices, quotes, dividends, splits, rates, profiles, search, statements and news, with a key and its quota.

    One instrument takes five requests, also where one of them is tried again; its history before the last 100 sessions
    needs a key with a premium plan.

    Args:
        key: The key; it is in no message, log or record.
        base_url: What answers for Alpha Vantage's host; None for that itself.
        timeout: Seconds without a byte.
    """

    def __init__(self, *, key: SecretStr, base_url: str | None = None, timeout: float = 30.0) -> None:
        self.name = "alphavantage"
        self.before_request: Callable[[], None] = at_once
        self._resumed = Resumed()
        self._client = AlphaVantageClient(
            source=self.name, key=key, base_url=base_url, timeout=timeout, before_request=self._before_request
        )

    def _before_request(self) -> None:
        self.before_request()  # as it is by then: a guard sets it

    def prices(self, request: PriceRequest, *, now: datetime) -> PriceAnswer:
        """Return history, events, profile and quote of one instrument; see `Source.prices`."""
        ticker, today = ticker_of(request.ticker), now.astimezone(UTC).date()
        recent = request.start is not None and request.start >= today - _COMPACT_REACH
        ask = self._client.ask
        # The moment is that of the fetch: another one begins anew.
        with self._resumed.of((request, now)) as once:
            daily = once("daily", lambda: self._daily(ticker, today, recent=recent))
            listing = self._listing(ticker, once)
            dividends = once("dividends", lambda: ask(answer.Dividends, "DIVIDENDS", ticker, symbol=ticker))
            splits = once("splits", lambda: ask(answer.Splits, "SPLITS", ticker, symbol=ticker))
            latest = once("quote", lambda: ask(answer.GlobalQuote, "GLOBAL_QUOTE", ticker, symbol=ticker))
        prices, dropped = parse.parse_prices(daily, listing, request, now=now)
        return PriceAnswer(
            prices=prices,
            dividends=parse.parse_dividends(dividends, listing, request, until=today),
            splits=parse.parse_splits(splits, request, until=today),
            profile=listing.profile,
            quote=parse.parse_quote(latest, listing, prices, now=now),
            dropped_null_bars=dropped,
        )

    def rates(self, currencies: Sequence[str], start: date, end: date) -> pl.DataFrame:
        """Return what one euro closed at, a request or two a currency; see `Source.rates`."""
        wanted = sorted(set(currencies) - {"EUR"})
        with self._resumed.of((tuple(wanted), start, end)) as once:
            frames = [self._rates_of(currency, start, end, once) for currency in wanted]
        return pl.concat([pl.DataFrame(schema=RATES), *frames])

    def describe(self, request: PriceRequest) -> Description:
        """Return country, sector and industry; see `Describer.describe`."""
        ticker = ticker_of(request.ticker)
        try:
            return described(self._overview(ticker))
        except UnknownSymbolError:  # it has overviews of companies only
            exchange = exchange_of(ticker)
            return Description(country=None if exchange in {None, UNITED_STATES} else exchange.country)

    def search(self, text: str) -> tuple[Match, ...]:
        """Return what a text may mean, the best first; see `Searcher.search`."""
        return parse_matches(self._client.ask(answer.Matches, "SYMBOL_SEARCH", None, keywords=text))

    def statements(self, request: PriceRequest, kind: StatementKind) -> pl.DataFrame:
        """Return financial statements of one kind; see `Reporter.statements`."""
        ticker = ticker_of(request.ticker)
        reports = self._client.ask(answer.Reports, _FUNCTION_OF[kind], ticker, symbol=ticker)
        return parse_statements(reports, request.symbol, kind)

    def news(self, request: PriceRequest, *, limit: int) -> tuple[Article, ...]:
        """Return the last articles about an instrument; see `NewsDesk.news`."""
        ticker = ticker_of(request.ticker)
        asked = str(min(limit, _MOST_NEWS))
        said = self._client.ask(answer.News, "NEWS_SENTIMENT", ticker, tickers=ticker, limit=asked, sort="LATEST")
        return parse_news(said)[:limit]

    def _daily(self, ticker: str, today: date, *, recent: bool) -> answer.Daily:
        size = "compact" if recent else "full"
        try:
            return self._client.ask(answer.Daily, "TIME_SERIES_DAILY", ticker, symbol=ticker, outputsize=size)
        except UnsupportedError as error:
            if recent or "outputsize" not in error.detail.lower():  # a plan for the function, not for its long answer
                raise
            refused = error.detail
        raise TooFarBackError(self.name, ticker, refused, since=today - _COMPACT_REACH)

    def _listing(self, ticker: str, once: Once) -> Listing:
        """Return what an instrument is; no price can be read without its currency.

        Overviews are of American listings; elsewhere the search alone knows the unit of price (pence or pounds).
        """
        known, exchange = None, exchange_of(ticker)
        if exchange is UNITED_STATES:
            known = listing_of_overview(once("overview", lambda: self._overview_or_nothing(ticker)), exchange)
        if known is None:
            found = once("search", lambda: self._client.ask(answer.Matches, "SYMBOL_SEARCH", ticker, keywords=ticker))
            known = listing_of_search(found.matches, ticker, exchange)
        if known is None:
            raise MalformedAnswerError(self.name, ticker, "neither overview nor search says the currency")
        return known

    def _overview(self, ticker: str) -> answer.Overview:
        return self._client.ask(answer.Overview, "OVERVIEW", ticker, symbol=ticker)

    def _overview_or_nothing(self, ticker: str) -> answer.Overview:
        try:
            return self._overview(ticker)
        except UnknownSymbolError:
            return answer.Overview()

    def _rates_of(self, currency: str, start: date, end: date, once: Once) -> pl.DataFrame:
        def pairs(size: str) -> answer.DailyPairs:
            return once(f"{currency} {size}", lambda: self._pairs(currency, size))

        try:
            if end - start <= _COMPACT_RATES_REACH:
                recent = pairs("compact")
                if min(recent.days, default=end) <= start:
                    return parse.parse_rates(recent, currency, start, end)
            return parse.parse_rates(pairs("full"), currency, start, end)
        except UnknownSymbolError:
            return pl.DataFrame(schema=RATES)

    def _pairs(self, currency: str, size: str) -> answer.DailyPairs:
        return self._client.ask(
            answer.DailyPairs, "FX_DAILY", currency, from_symbol="EUR", to_symbol=currency, outputsize=size
        )
