"""Answers as Alpha Vantage gives them: written bodies first, then recorded ones; always HTTP 200.

Belongs here: finding the body for a question, the short form of a long one. Does not: HTTP (`server`).
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.replay.charts import BODIES, RECORDED

PATH = "/query"
WRITTEN = BODIES / "alphavantage"
RECORDINGS = RECORDED / "alphavantage"
REFUSED_KEY = "REFUSED"
"""A key that is not taken; any other is."""

_RECORDED: Mapping[str, str] = {
    "DIVIDENDS_IBM": "DIVIDENDS_IBM.json",
    "FX_DAILY_EUR_AUD": "pricehist_FX_DAILY_EUR_AUD_partial.json",
    "GLOBAL_QUOTE_300135.SHZ": "GLOBAL_QUOTE_300135.SHZ.json",
    "GLOBAL_QUOTE_MSFT": "GLOBAL_QUOTE_MSFT_2018.json",
    "INCOME_STATEMENT_AAPL": "INCOME_STATEMENT_AAPL_2026-01-11.json",
    "OVERVIEW_AAPL": "OVERVIEW_AAPL_2026-01-11.json",
    "OVERVIEW_IBM": "OVERVIEW_IBM_2024-06.json",
    "SYMBOL_SEARCH_BA": "SYMBOL_SEARCH_BA.json",
    "SYMBOL_SEARCH_IBM": "pricehist_SYMBOL_SEARCH_IBM.json",
    "TIME_SERIES_DAILY_IBM": "TIME_SERIES_DAILY_IBM_full_1999-2024.json",
}
_NOTHING: Mapping[str, str] = {
    "OVERVIEW": "empty",
    "INCOME_STATEMENT": "empty",
    "BALANCE_SHEET": "empty",
    "CASH_FLOW": "empty",
    "GLOBAL_QUOTE": "no_quote",
    "DIVIDENDS": "no_events",
    "SPLITS": "no_events",
    "SYMBOL_SEARCH": "no_matches",
    "NEWS_SENTIMENT": "invalid_inputs",
}
"""What each function answers about something that it does not know; the others call it an invalid call."""
_COMPACT = 100


def refusal(name: str) -> bytes:
    """Return the body of a refusal, as it is worded."""
    return (WRITTEN / f"{name}.json").read_bytes()


def body(query: Mapping[str, str]) -> bytes:
    """Return the answer to a question."""
    if query.get("apikey", REFUSED_KEY) == REFUSED_KEY:
        return refusal("bad_key")
    function = query.get("function", "")
    said = _said(f"{function}_{_about(query)}")
    if said is None:
        return refusal(_NOTHING.get(function, "invalid_call")).replace(b'"X"', json.dumps(_about(query)).encode())
    return json.dumps(_short(said) if query.get("outputsize", "compact") == "compact" else said).encode()


def _about(query: Mapping[str, str]) -> str:
    if "to_symbol" in query:
        return f"{query['from_symbol']}_{query['to_symbol']}"
    return next((query[name] for name in ("symbol", "keywords", "tickers") if name in query), "")


@cache
def _said(name: str) -> dict[str, Any] | None:
    recorded = RECORDINGS / _RECORDED[name] if name in _RECORDED else Path()
    file = next((file for file in (WRITTEN / f"{name}.json", recorded) if file.is_file()), None)
    return None if file is None else json.loads(file.read_text(encoding="utf-8"))


def _short(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: dict(list(part.items())[:_COMPACT]) if name.startswith("Time Series") else part
        for name, part in said.items()
    }
