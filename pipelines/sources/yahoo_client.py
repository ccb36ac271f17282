"""Questions to yfinance, and its failures as ours.

Belongs here: everything that asks yfinance; import it late, it takes 2 seconds. Does not: its session and cache
(`yahoo_session`), reading an answer.

yfinance brings what is hard about Yahoo: a browser's TLS, cookies, crumbs, knowing a rate limit. A chart is asked for
below its `history`, which asks for each instrument's time zone first, and makes a frame that drops the currency of
dividends, turns absent volumes into zero and splits into floats. Of statements the session keeps the bodies.
"""

import json
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yfinance as yf
from curl_cffi.requests.exceptions import HTTPError, IncompleteRead, RequestException
from yfinance.const import _BASE_URL_
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError

from pipelines.sources.errors import GarbledAnswerError, MalformedAnswerError, RateLimitError, SourceDownError
from pipelines.sources.lookups import StatementKind
from pipelines.sources.yahoo_session import ONE_AT_A_TIME, ChartBody, KeepingSession, set_up_once

_CHARTS = f"{_BASE_URL_}/v8/finance/chart/"
_DAILY = {"interval": "1d", "includePrePost": False, "events": "div,splits,capitalGains"}
_BEGINNING, _EASTERNMOST = date(1900, 1, 1), timedelta(hours=14)
_AHEAD = 9_999_999_999
"""A moment that never comes: also of days long past the splits until now count, for closes are adjusted by them."""
_MAINTENANCE = "Will be right back"
_REFUSED = frozenset({401, 403})
_OK, _NOT_FOUND, _TOO_MANY = 200, 404, 429
_BROKEN = 500
_UNREADABLE = (YFException, ValueError, KeyError, IndexError, TypeError, AttributeError)
"""What yfinance raises over an answer it cannot use."""

_NOTHING_THERE = "Empty fundamentals-timeseries result"
_DOWN = "CURRENTLY DOWN"
"""How yfinance words what it has no error of its own for."""


class YahooClient:
    """yfinance for one address.

    Args:
        source: The name that errors carry.
        base_url: What answers for Yahoo's hosts; None for those themselves.
        cache_dir: Folder of yfinance's cache; the first one of a process counts for all of it.
        timeout: Seconds for one request.
        before_request: Called before each request.
    """

    def __init__(
        self,
        *,
        source: str,
        base_url: str | None,
        cache_dir: Path,
        timeout: float,
        before_request: Callable[[], None],
    ) -> None:
        self._source = source
        self._timeout = timeout
        self._session = KeepingSession(base_url, before_request)
        set_up_once(cache_dir)

    def chart(self, ticker: str, start: date | None) -> ChartBody:
        """Return Yahoo's chart of an instrument from a day until now, perhaps with the day before.

        Raises:
            RateLimitError: If Yahoo wants fewer requests.
            SourceDownError: If it cannot be reached, breaks off, or says that it is down.
        """
        with ONE_AT_A_TIME:
            self._session.begin()
            self._ask(ticker, start)
            kept = self._session.kept
        if kept is None:
            raise SourceDownError(self._source, ticker, "no answer")
        if kept.status in _REFUSED or kept.status >= _BROKEN or _MAINTENANCE in kept.text:
            raise SourceDownError(self._source, ticker, f"HTTP {kept.status}", kept.retry_after_seconds)
        return kept

    def info(self, ticker: str) -> dict[str, Any]:
        """Return what yfinance gathers about an instrument; empty where Yahoo has nothing.

        Raises:
            RateLimitError: If Yahoo wants fewer requests.
            SourceDownError: If it cannot be reached, breaks off, or says that it is down.
            GarbledAnswerError: If it answers no JSON.
            MalformedAnswerError: If it answers something else.
        """
        found: dict[str, Any] = {}
        try:
            with ONE_AT_A_TIME:
                self._session.begin()
                self._call(ticker, lambda named: found.update(named.get_info() or {}))
        except _UnusableAnswerError as error:
            if error.status is None:
                raise error.kind(self._source, ticker, str(error)) from error
            if error.status != _NOT_FOUND:
                raise SourceDownError(self._source, ticker, str(error), self._session.told) from error
        return found

    def search(self, text: str, *, instruments: int, articles: int) -> dict[str, Any]:
        """Return Yahoo's search as it answers it.

        Raises:
            RateLimitError: If Yahoo wants fewer requests.
            SourceDownError: If it cannot be reached, breaks off, or says that it is down.
            GarbledAnswerError: If it answers no JSON.
            MalformedAnswerError: If it answers something else.
        """
        found: dict[str, Any] = {}
        self._look_up(
            text,
            lambda: found.update(
                yf.Search(
                    text,
                    max_results=instruments,
                    news_count=articles,
                    lists_count=0,
                    session=self._session,
                    timeout=self._timeout,
                ).response
            ),
        )
        return found

    def statements(self, ticker: str, kind: StatementKind) -> list[str]:
        """Return Yahoo's bodies about one kind of statement, annual and quarterly; none where it has nothing.

        Raises:
            RateLimitError: If Yahoo wants fewer requests.
            SourceDownError: If it cannot be reached, breaks off, or says that it is down.
            GarbledAnswerError: If it answers no JSON.
            MalformedAnswerError: If it answers something else.
        """
        bodies: list[str] = []
        for frequency in ("yearly", "quarterly"):
            with suppress(_NothingThereError):
                bodies += self._look_up(ticker, partial(self._statement, ticker, kind, frequency))
        return bodies

    def _statement(self, ticker: str, kind: StatementKind, frequency: str) -> None:
        named = yf.Ticker(ticker, session=self._session)
        question = {
            StatementKind.INCOME: named.get_income_stmt,
            StatementKind.BALANCE: named.get_balance_sheet,
            StatementKind.CASH_FLOW: named.get_cash_flow,
        }[kind]
        question(freq=frequency)

    def _look_up(self, about: str, question: Callable[[], object]) -> list[str]:
        """Put one question, whatever was answered before, and return the statements that came."""
        with ONE_AT_A_TIME:
            self._session.begin()
            # Also failures stay in this cache of 64, and it does not know one address from another.
            YfData.cache_get.cache_clear()
            try:
                self._guarded(about, question)
            except _UnusableAnswerError as error:
                raise self._meaning(error, about) from error
            return self._session.statements

    def _meaning(self, error: "_UnusableAnswerError", about: str) -> Exception:
        """Return what it means that yfinance could not use the last answer; it looks at no status itself."""
        if _NOTHING_THERE in str(error):
            return _NothingThereError()
        if self._session.last_status != _OK:
            return SourceDownError(self._source, about, f"HTTP {self._session.last_status}", self._session.told)
        return (SourceDownError if _DOWN in str(error) else error.kind)(self._source, about, str(error))

    def _ask(self, ticker: str, start: date | None) -> None:
        first = datetime.combine(start or _BEGINNING, time.min, UTC) - _EASTERNMOST
        asked = {"period1": int(first.timestamp()), "period2": _AHEAD, **_DAILY}
        client, address = YfData(session=self._session), f"{_CHARTS}{ticker.upper()}"
        with suppress(_UnusableAnswerError):  # the answer itself says why
            self._guarded(ticker, lambda: client.get(address, asked, timeout=self._timeout))

    def _call(self, ticker: str, question: Callable[[yf.Ticker], object]) -> None:
        self._guarded(ticker, lambda: question(yf.Ticker(ticker, session=self._session)))

    def _guarded(self, about: str, question: Callable[[], object]) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", category=Warning)
                question()
        except YFRateLimitError as error:
            raise RateLimitError(self._source, about, str(error), self._session.told) from error
        except json.JSONDecodeError as error:
            raise _UnusableAnswerError(str(error), kind=GarbledAnswerError) from error
        except RecursionError as error:
            raise _UnusableAnswerError("no JSON that anybody would send", kind=GarbledAnswerError) from error
        except RequestException as error:
            if isinstance(error, HTTPError) and not isinstance(error, IncompleteRead):
                status = _status(error)
                if status == _TOO_MANY:
                    raise RateLimitError(self._source, about, str(error), self._session.told) from error
                raise _UnusableAnswerError(str(error), status=status) from error
            raise SourceDownError(self._source, about, str(error)) from error
        except _UNREADABLE as error:
            raise _UnusableAnswerError(str(error)) from error


class _UnusableAnswerError(Exception):
    """yfinance got an answer and could not use it; ``status`` where it was an HTTP error, else its ``kind``."""

    def __init__(
        self, detail: str, *, status: int | None = None, kind: type[MalformedAnswerError] = MalformedAnswerError
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind


class _NothingThereError(Exception):
    """Yahoo has nothing of what it was asked for."""


def _status(error: HTTPError) -> int:
    return getattr(error.response, "status_code", _BROKEN)
