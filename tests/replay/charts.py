"""Charts as Yahoo would answer them: from written bodies, from the bundled demo data, from recordings.

Belongs here: finding a symbol's chart and cutting it to the window that is asked for. Does not: HTTP.
"""

import copy
import datetime as dt
import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

ROOT = Path(__file__).parent.parent.parent
BODIES = Path(__file__).parent / "bodies"
RECORDED = ROOT.parent / "shared" / "data"
DEMO = ROOT / "pipelines" / "demo" / "data"

_RECORDINGS: Mapping[str, str] = {
    "0P000071W8.TO": "chart_0P000071W8.TO_1d_2020-01_fund_CAD.json",
    "AAPL": "chart_AAPL_1d_2020-08-31_2020-11-06_split_div.json",
    "AZT.OL": "chart_AZT.OL_1d_2020-01_NOK.json",
    "BTC-USD": "chart_BTC-USD_1d_2020-01.json",
    "EURUSD=X": "chart_EURUSD=X_1d_2020-01.json",
    "GC=F": "chart_GC=F_1d_2020-01_future.json",
    "GS2C.DE": "rec2025_chart_GS2C.DE.json",
    "INRX": "pricehist_inrx-with-null.json",
    "MSFT": "chart_MSFT_1d_2021-02_2022-01_div.json",
    "MUV2.DE": "pp_response_yahoo_historical01.json",
    "NVDA": "chart_NVDA_1d_2021-02_2022-01_split.json",
    "OCDO.L": "chart_OCDO.L_1d_2020-01_GBp.json",
    "ORSTED.CO": "chart_ORSTED.CO_1d_2020-01_DKK.json",
    "QQQ": "chart_QQQ_1d_2020-01_ETF.json",
    "TSCO.L": "rec2026_chart_TSCO.L.json",
    "TSLA": "chart_TSLA_1d_2010-06_2023-08_full.json",
    "VFINX": "rec2026_chart_VFINX.json",
    "WSKT.JK": "chart_WSKT.JK_1d_2020-01_IDR.json",
    "WSU.DE": "chart_WSU.DE_1d_2023-08_EUR.json",
}
_OPEN, _CLOSE = dt.time(9, 30), dt.time(16)
_NEW_YORK = ZoneInfo("America/New_York")
_YAHOO_EXCHANGE = {"XNAS": "NMS", "XNYS": "NYQ", "ARCX": "PCX"}


@cache
def written(symbol: str) -> dict[str, Any] | None:
    """Return the chart that lies in `bodies`."""
    return _read(BODIES / f"chart_{symbol}.json")


@cache
def recorded(symbol: str) -> dict[str, Any] | None:
    """Return a recorded chart."""
    return _read(RECORDED / "yahoo" / _RECORDINGS[symbol]) if symbol in _RECORDINGS else None


@cache
def demo(symbol: str) -> dict[str, Any] | None:
    """Return a chart of the bundled demo data, restated as Yahoo restates: divided, to six places, single precision."""
    prices = _of(symbol, "prices", "date")
    if prices.is_empty():
        return None
    splits = _of(symbol, "splits", "ex_date")
    about = pl.read_parquet(DEMO / "symbols.parquet").filter(pl.col("symbol") == symbol).to_dicts()[0]
    factors = [_factor(splits, day) for day in prices["date"]]
    bars = {name: _restated(prices[name], factors) for name in ("open", "high", "low", "close")}
    bars["volume"] = [
        None if units is None else float(round(units * factor))
        for units, factor in zip(prices["volume"], factors, strict=True)
    ]
    last = prices["date"][-1]
    return {
        "meta": {
            "currency": about["price_unit"],
            "symbol": symbol,
            "exchangeName": _YAHOO_EXCHANGE[about["exchange"]],
            "instrumentType": about["asset_class"].upper(),
            "exchangeTimezoneName": "America/New_York",
            "gmtoffset": -18000,
            "regularMarketTime": _epoch(last, _CLOSE),
            "regularMarketPrice": float(prices["close"][-1]),
            "longName": about["name"],
            "currentTradingPeriod": {"regular": {"start": _epoch(last, _OPEN), "end": _epoch(last, _CLOSE)}},
            "validRanges": ["1d", "max"],
        },
        "timestamp": [_epoch(day, _OPEN) for day in prices["date"]],
        "indicators": {"quote": [bars]},
        "events": _events(_of(symbol, "dividends", "ex_date"), splits),
    }


def window(chart: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """Return the chart cut as Yahoo cuts: from ``period1`` until before ``period2``, or its last day."""
    if not chart.get("timestamp"):
        return chart
    days = chart["timestamp"]
    start, end = int(query.get("period1", days[-1])), int(query.get("period2", days[-1] + 1))
    kept = [index for index, day in enumerate(days) if start <= day < end]
    cut = copy.copy(chart)
    cut["indicators"] = {
        name: [{key: [values[index] for index in kept] for key, values in columns.items()} for columns in groups]
        for name, groups in chart["indicators"].items()
    }
    cut["timestamp"] = [days[index] for index in kept]
    if "events" in chart:
        cut["events"] = {
            kind: {key: event for key, event in events.items() if start <= event["date"] < end}
            for kind, events in chart["events"].items()
        }
    if not kept:
        del cut["timestamp"]
        cut["indicators"] = {"quote": [{}]}
    return cut


def _read(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    chart: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["chart"]["result"][0]
    chart["meta"].setdefault("validRanges", ["1d", "max"])
    return chart


def _of(symbol: str, name: str, by: str) -> pl.DataFrame:
    file = DEMO / f"{name}.parquet"
    return pl.read_parquet(file).filter(pl.col("symbol") == symbol).sort(by)


def _factor(splits: pl.DataFrame, day: dt.date, *, same_day: bool = False) -> Fraction:
    product = Fraction(1)
    for ex_date, new, old in splits.select("ex_date", "ratio_new", "ratio_old").iter_rows():
        if ex_date > day or (same_day and ex_date == day):
            product *= Fraction(new) / Fraction(old)
    return product


def _restated(values: pl.Series, factors: list[Fraction]) -> list[float | None]:
    return [
        None if value is None else float(np.float32(round(float(Fraction(value) / factor), 6)))
        for value, factor in zip(values, factors, strict=True)
    ]


def _epoch(day: dt.date, at: dt.time) -> int:
    return int(dt.datetime.combine(day, at, _NEW_YORK).timestamp())


def _events(dividends: pl.DataFrame, splits: pl.DataFrame) -> dict[str, Any]:
    paid = [
        (_epoch(day, _OPEN), round(float(Fraction(amount) / _factor(splits, day, same_day=True)), 6))
        for day, amount in dividends.select("ex_date", "amount").iter_rows()
    ]
    split = [
        (_epoch(day, _OPEN), float(new), float(old))
        for day, new, old in splits.select("ex_date", "ratio_new", "ratio_old").iter_rows()
    ]
    return {
        "dividends": {str(at): {"date": at, "amount": amount} for at, amount in paid},
        "splits": {str(at): {"date": at, "numerator": new, "denominator": old} for at, new, old in split},
    }
