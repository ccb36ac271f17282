"""yfinance, set up once: its session, its cache, its failures as ours.

Belongs here: everything that touches yfinance; import it late, it takes 2 seconds. Does not: reading an answer.

yfinance brings what is hard about Yahoo: a browser's TLS, cookies, crumbs, knowing a rate limit. The frame it makes is
left aside: it drops the currency of dividends, turns absent volumes into zero and splits into floats. The session keeps
the body that the frame was made of instead.
"""

import json
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yfinance as yf
from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import HTTPError, IncompleteRead, RequestException
from yfinance.cache import get_cookie_cache, get_tz_cache, set_cache_location
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFRateLimitError

from pipelines.sources.errors import MalformedAnswerError, RateLimitError, SourceDownError
from pipelines.sources.retry_after import retry_after

_CHART = "/v8/finance/chart/"
_MAINTENANCE = "Will be right back"
_REFUSED = frozenset({401, 403})
_NOT_FOUND = 404
_BROKEN = 500
_UNREADABLE = (YFException, ValueError, KeyError, IndexError, TypeError, AttributeError)
"""What yfinance raises over an answer it cannot use."""

_ONE_AT_A_TIME = threading.Lock()
"""yfinance keeps one session and one cache a process."""


@dataclass(frozen=True, kw_only=True)
class ChartBody:
    """Yahoo's last answer about a chart; ``complete`` where it is of the window and not of the time zone alone."""

    status: int
    text: str
    complete: bool
    retry_after_seconds: float | None


class _KeepingSession(Session[Response]):
    """A session that can ask another address for Yahoo's hosts, and keeps the last chart."""

    def __init__(self, base_url: str | None, before_request: Callable[[], None]) -> None:
        super().__init__(impersonate="chrome")
        self.base_url = base_url
        self.before_request = before_request
        self.kept: ChartBody | None = None
        self.told: float | None = None

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send a request, as the base class does."""
        self.before_request()
        response = super().request(method, _at(self.base_url, url), *args, **kwargs)
        self.told = retry_after(response.headers)
        if _CHART in url:
            complete = "events" in (kwargs.get("params") or {})
            self.kept = ChartBody(
                status=response.status_code,
                text=response.text,
                complete=complete,
                retry_after_seconds=self.told,
            )
        return response


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
        self._session = _KeepingSession(base_url, before_request)
        _set_up_once(cache_dir)

    def chart(self, ticker: str, start: date | None) -> ChartBody:
        """Return Yahoo's chart of an instrument from a day until now.

        Raises:
            RateLimitError: If Yahoo wants fewer requests.
            SourceDownError: If it cannot be reached, breaks off, or says that it is down.
        """
        with _ONE_AT_A_TIME:
            self._session.kept = None
            # Also failures stay in this cache of 64, and it does not know one address from another.
            YfData.cache_get.cache_clear()
            self._ask(ticker, start)
            kept = self._session.kept
        if kept is None:
            raise SourceDownError(self._source, ticker, "no answer")
        if kept.status in _REFUSED or kept.status >= _BROKEN or _MAINTENANCE in kept.text:
            raise SourceDownError(self._source, ticker, f"HTTP {kept.status}")
        return kept

    def info(self, ticker: str) -> dict[str, Any]:
        """Return what yfinance gathers about an instrument; empty where Yahoo has nothing.

        Raises:
            RateLimitError: If Yahoo wants fewer requests.
            SourceDownError: If it cannot be reached, breaks off, or says that it is down.
            MalformedAnswerError: If it answers something else.
        """
        found: dict[str, Any] = {}
        try:
            with _ONE_AT_A_TIME:
                self._call(ticker, lambda named: found.update(named.get_info() or {}))
        except _UnusableAnswerError as error:
            if error.status is None:
                raise MalformedAnswerError(self._source, ticker, str(error)) from error
            if error.status != _NOT_FOUND:
                raise SourceDownError(self._source, ticker, str(error)) from error
        return found

    def _ask(self, ticker: str, start: date | None) -> None:
        window: dict[str, Any] = {"period": "max"} if start is None else {"start": start}
        with suppress(_UnusableAnswerError):  # the answer itself says why
            self._call(
                ticker,
                lambda named: named.history(**window, auto_adjust=False, actions=True, timeout=self._timeout),
            )

    def _call(self, ticker: str, question: Callable[[yf.Ticker], object]) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", category=Warning)
                question(yf.Ticker(ticker, session=self._session))
        except YFRateLimitError as error:
            raise RateLimitError(self._source, ticker, str(error), self._session.told) from error
        except json.JSONDecodeError as error:
            raise _UnusableAnswerError(str(error)) from error
        except RequestException as error:
            if isinstance(error, HTTPError) and not isinstance(error, IncompleteRead):
                raise _UnusableAnswerError(str(error), status=_status(error)) from error
            raise SourceDownError(self._source, ticker, str(error)) from error
        except _UNREADABLE as error:
            raise _UnusableAnswerError(str(error)) from error


class _UnusableAnswerError(Exception):
    """yfinance got an answer and could not use it; ``status`` where it was an HTTP error."""

    def __init__(self, detail: str, *, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status


def _status(error: HTTPError) -> int:
    return getattr(error.response, "status_code", _BROKEN)


def _at(base_url: str | None, url: str) -> str:
    parts = urlsplit(url)
    if base_url is None or not (parts.hostname or "").endswith("yahoo.com"):
        return url
    base = urlsplit(base_url)
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))


_set_up: list[Path] = []


def _set_up_once(cache_dir: Path) -> None:
    """Give yfinance a cache of our own and touch it: a cold one, met by threads, answers NaN."""
    with _ONE_AT_A_TIME:
        if _set_up:
            return
        cache_dir.mkdir(parents=True, exist_ok=True)
        set_cache_location(str(cache_dir))
        get_tz_cache().lookup("")
        get_cookie_cache().lookup("")
        yf.config.debug.hide_exceptions = False
        _set_up.append(cache_dir)
