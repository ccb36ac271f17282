"""The server itself, on the standard library's HTTP server.

Belongs here: which path is answered with what, faults on demand, the log of requests. Does not: making charts (`charts`).
"""

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.replay import alphavantage, charts, rates
from tests.replay.charts import BODIES, RECORDED

Catalogue = Callable[[str], dict[str, Any] | None]
CATALOGUES: Sequence[Catalogue] = (charts.written, charts.demo, charts.recorded)
"""Where a symbol's chart is looked for, in order."""

_CHART, _QUOTE, _SUMMARY, _SEARCH, _STATEMENTS, _ECB = (
    "/v8/finance/chart/",
    "/v7/finance/quote",
    "/v10/finance/quoteSummary/",
    "/v1/finance/search",
    "/ws/fundamentals-timeseries/",
    "/stats/eurofxref/",
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer; ``cut`` breaks the connection in the middle of the body, ``reset`` before anything is said."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False
    delay_seconds: float = 0.0


def Fault(kind: str) -> Answer:  # noqa: N802  # reads as what it makes
    """Return the answer of a provider in trouble: limited, malformed, cut, reset, down, maintenance, forbidden, slow."""
    return {
        "limited": Answer(status=429, body=_body("429.txt"), content_type="text/plain"),
        "malformed": Answer(body=_body("malformed.json")),
        "cut": Answer(body=_body("chart_SPLITS.json"), cut=True),
        "reset": Answer(reset=True),
        "down": Answer(status=503, body=_body("503.html"), content_type="text/html"),
        "maintenance": Answer(body=_body("maintenance.html"), content_type="text/html"),
        "forbidden": Answer(status=403, body=_body("403.html"), content_type="text/html"),
        "slow": Answer(body=_body("404_chart.json"), delay_seconds=3.0),
    }[kind]


_FAULTY = {
    "LIMITED": "limited",
    "MALFORMED": "malformed",
    "CUT": "cut",
    "DOWN": "down",
    "MAINTENANCE": "maintenance",
    "FORBIDDEN": "forbidden",
    "SLOW": "slow",
}
"""Symbols that always fail."""


class ReplayServer:
    """A server on a free port of this machine, for a ``with`` block.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        catalogues: Where charts are looked for, in order.
        archive: The ECB's zipped table of a name.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        catalogues: Sequence[Catalogue] = CATALOGUES,
        archive: Callable[[str], bytes] = rates.archive,
    ) -> None:
        self.requests: list[str] = []
        self._catalogues = catalogues
        self._archive = archive
        self._faults: dict[str, list[Answer]] = {}
        self._http = _Http((host, port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Return the address, for Yahoo, Alpha Vantage and the ECB."""
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def fail_next(self, path: str, *faults: Answer) -> None:
        """Answer the next requests whose path contains ``path`` with the faults, one each, then as ever."""
        self._faults.setdefault(path, []).extend(faults)

    def heal(self) -> None:
        """Forget the faults that are still to come."""
        self._faults.clear()

    def asked(self, part: str) -> int:
        """Return how many requests so far contain ``part``."""
        return sum(part in request for request in self.requests)

    def answer(self, target: str) -> Answer:
        """Return what is answered to a request's target."""
        self.requests.append(unquote(target))
        path, query = unquote(urlsplit(target).path), dict(parse_qsl(urlsplit(target).query))
        for part, faults in self._faults.items():
            if part in path and faults:
                return faults.pop(0)
        if path.startswith(_CHART):
            return self._chart(path.removeprefix(_CHART), query)
        if path.startswith(_ECB):
            return Answer(body=self._archive(path.removeprefix(_ECB)), content_type="application/zip")
        if path == alphavantage.PATH:
            return Answer(body=alphavantage.body(query))
        return _elsewhere(path, query)

    def _chart(self, symbol: str, query: Mapping[str, str]) -> Answer:
        if symbol in _FAULTY and "events" in query:
            return Fault(_FAULTY[symbol])
        for catalogue in self._catalogues:
            chart = catalogue("SPLITS" if symbol in _FAULTY else symbol)
            if chart is not None:
                cut = charts.window(chart, query)
                return Answer(body=json.dumps({"chart": {"result": [cut], "error": None}}).encode())
        return Answer(status=404, body=_body("404_chart.json"))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _elsewhere(path: str, query: Mapping[str, str]) -> Answer:
    if path == "/v1/test/getcrumb":
        return Answer(body=b"replayed", content_type="text/plain")
    if path.startswith(_SUMMARY):
        written = BODIES / f"summary_{path.removeprefix(_SUMMARY)}.json"
        if written.exists():
            return Answer(body=written.read_bytes())
        return _recorded(f"rec2026_quoteSummary_profile_{path.removeprefix(_SUMMARY)}.json", "404_summary.json")
    if path.startswith(_QUOTE):
        return _recorded(f"quote_{query.get('symbols', '')}.json", "quote_none.json", missing_status=200)
    if path.startswith(_STATEMENTS):
        return _statements(path.rpartition("/")[2], query["type"])
    return _search(query["q"]) if path == _SEARCH else _nowhere()


def _search(text: str) -> Answer:
    written = BODIES / f"search_{text}.json"
    if written.exists():
        return Answer(body=written.read_bytes())
    return _recorded(f"search_{text}.json", "search_none.json", missing_status=200)


def _nowhere() -> Answer:
    cookie = {"Set-Cookie": "A3=replayed; Path=/; Max-Age=31536000"}
    return Answer(status=404, body=b"<html></html>", content_type="text/html", headers=cookie)


def _recorded(name: str, otherwise: str, *, missing_status: int = 404) -> Answer:
    file = RECORDED / "yahoo" / name
    if "/" not in name and file.exists():
        return Answer(body=file.read_bytes())
    return Answer(status=missing_status, body=_body(otherwise))


def _statements(symbol: str, lines: str) -> Answer:
    """Return the annual or quarterly statements of which some lines are asked for."""
    period = "annual" if lines.startswith("annual") else "quarterly"
    written = BODIES / f"statements_{period}_{symbol}.json"
    if written.exists():
        return Answer(body=written.read_bytes())
    return _recorded(
        f"rec2026_timeseries_income_statement_{period}_{symbol}.json", "statements_none.json", missing_status=200
    )


def _body(name: str) -> bytes:
    return (BODIES / name).read_bytes()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that have gone; they were meant to."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(server: ReplayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            answer = server.answer(self.path)
            time.sleep(answer.delay_seconds)
            if answer.reset:
                self.close_connection = True
                # To linger for no time is to close with a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
            if answer.cut:
                self.close_connection = True

        do_POST = do_GET  # noqa: N815  # the name that the base class looks for

        def log_message(self, *arguments: object) -> None:
            """Say nothing: the log of requests is `ReplayServer.requests`."""

    return Handler
