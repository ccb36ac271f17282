"""The session that yfinance asks through, and what it needs once a process.

Belongs here: another address for Yahoo's hosts, keeping bodies, yfinance's cache and lock. Does not: any question
(`yahoo_client`), reading an answer.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yfinance as yf
from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import HTTPError
from yfinance.cache import get_cookie_cache, get_tz_cache, set_cache_location

from pipelines.sources.retry_after import retry_after

_CHART = "/v8/finance/chart/"
_STATEMENTS = "/ws/fundamentals-timeseries/"
_CRUMB = "/v1/test/getcrumb"
_OK, _UNAUTHORISED, _WRONG = 200, 401, 400

ONE_AT_A_TIME = threading.Lock()
"""yfinance keeps one session and one cache a process."""


@dataclass(frozen=True, kw_only=True)
class ChartBody:
    """Yahoo's last answer about a chart."""

    status: int
    text: str
    retry_after_seconds: float | None


class KeepingSession(Session[Response]):
    """A session that can ask another address for Yahoo's hosts, and keeps the last chart and all statements.

    ``before_request`` is called before each request; ``told`` is what the last answer said of waiting, in seconds.

    Whatever a question is refused with ends it, but for HTTP 401, over which new cookies are what helps: yfinance would
    else send five more requests for cookies and ask again at once, also whoever has just asked for fewer.
    """

    def __init__(self, base_url: str | None, before_request: Callable[[], None]) -> None:
        super().__init__(impersonate="chrome")
        self.base_url = base_url
        self.before_request = before_request
        self.told: float | None = None
        self.kept: ChartBody | None = None
        self.statements: list[str] = []
        self.last_status = _OK
        self._refused: Response | None = None

    def begin(self) -> None:
        """Forget the question before."""
        self.kept, self.statements, self.told, self._refused = None, [], None, None

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send a request, as the base class does.

        Raises:
            curl_cffi.requests.exceptions.HTTPError: If the question is refused by it, or was before.
        """
        if self._refused is not None:
            raise _refusal(self._refused)
        self.before_request()
        response = super().request(method, _at(self.base_url, url), *args, **kwargs)
        self.told = retry_after(response.headers)
        self.last_status = response.status_code
        if _CHART in url:
            self.kept = ChartBody(status=response.status_code, text=response.text, retry_after_seconds=self.told)
        if _STATEMENTS in url and response.ok:
            self.statements.append(response.text)
        if response.status_code >= _WRONG and response.status_code != _UNAUTHORISED and _is_question(url):
            self._refused = response
            raise _refusal(response)
        return response


def _refusal(response: Response) -> HTTPError:
    return HTTPError(f"HTTP {response.status_code}", response=response)


def _is_question(url: str) -> bool:
    """Return whether a request is for data, and not for a cookie or what goes with it."""
    parts = urlsplit(url)
    return (parts.hostname or "").startswith("query") and parts.path != _CRUMB


def _at(base_url: str | None, url: str) -> str:
    parts = urlsplit(url)
    if base_url is None or not (parts.hostname or "").endswith("yahoo.com"):
        return url
    base = urlsplit(base_url)
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))


_set_up: list[Path] = []


def set_up_once(cache_dir: Path) -> None:
    """Give yfinance a cache of our own and touch it: a cold one, met by threads, answers NaN."""
    with ONE_AT_A_TIME:
        if _set_up:
            return
        cache_dir.mkdir(parents=True, exist_ok=True)
        set_cache_location(str(cache_dir))
        get_tz_cache().lookup("")
        get_cookie_cache().lookup("")
        yf.config.debug.hide_exceptions = False
        _set_up.append(cache_dir)
