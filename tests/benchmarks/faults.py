"""Faults made up on real series, and real splits, as a run meets them: ``python -m tests.benchmarks.faults``.

Belongs here: what is stored and what is fetched on the day of a fault, and what is held of it. Does not: errors that
providers have really made (`screens`).
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from pipelines.quality.screens import Fetched, Known, screen
from tests.benchmarks.recorded import NOTHING
from tests.benchmarks.screens import BULK, NOTHING_KNOWN, TODAY, table_with_actions

STOCKS = "sp500_daily_2016-05_2021-05"
RATIOS = ((2, 1), (3, 2), (3, 1), (5, 4), (10, 1), (20, 1), (1, 10), (1, 4))
LEAST_ROWS = 400
UNSOUND = ("SCG", "COL")
"""Delisted in these years, and told on with prices of nothing."""
KINDS = ("new", "stored")
_BARS = ("open", "high", "low", "close")


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is held: of how many splits, the splits and the prices since them; or of wrong rows, these and others."""

    faults: int
    found: int
    others: int


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Splits on their ex-dates: ``before`` and ``since`` are prices as traded if they happened, ``splits`` as told."""

    before: pl.DataFrame
    since: pl.DataFrame
    splits: pl.DataFrame

    @property
    def whole(self) -> pl.DataFrame:
        """Return the prices since as if no split had happened."""
        return _times(self.since, self.splits, pl.col("ratio"))

    def held(self, since: pl.DataFrame, *, stored: bool, undone: bool = False) -> Held:
        """Return what is held of a fetch of the week before the splits and of what came since.

        Args:
            since: The prices that came since.
            stored: Whether the splits are stored already.
            undone: Whether the provider tells the days before as before, so that undoing the split multiplies them.
        """
        last = self.before.filter(pl.col("date") > pl.col("date").max().over("symbol") - pl.duration(days=7))
        again = _times(last, self.splits, pl.col("ratio")) if undone else last
        fetched = Fetched(prices=pl.concat([again, since]), dividends=NOTHING, splits=self.splits, rates=NOTHING)
        known = Known(
            prices=self.before,
            dividends=NOTHING,
            splits=self.splits if stored else NOTHING,
            rates=NOTHING,
            symbols=NOTHING,
            sessions=NOTHING,
        )
        found = screen(fetched, known, today=TODAY).filter("held")
        days = since.select(about="symbol", date="date")
        prices = found.filter(table_name="price_history").join(days, on=["about", "date"], how="semi")
        splits = found.filter(table_name="split_history")["about"].n_unique()
        return Held(faults=self.splits.height, found=splits, others=prices.height)


def _times(prices: pl.DataFrame, splits: pl.DataFrame, factor: pl.Expr) -> pl.DataFrame:
    """Return prices multiplied by what their symbol's split gives."""
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    rows = prices.join(splits.select("symbol", ratio=ratio), on="symbol", maintain_order="left")
    price = pl.Decimal(20, 8)
    return rows.with_columns((pl.col(name).cast(pl.Float64) * factor).cast(price) for name in _BARS).drop("ratio")


def real_splits(name: str) -> Splits:
    """Return every split of a table of many symbols, each as one symbol of its own."""
    before, since, splits = [], [], []
    for fetched in table_with_actions(name):
        for row in fetched.splits.to_dicts():
            mine, day = f"{row['symbol']} {row['ex_date']}", row["ex_date"]
            prices = fetched.prices.drop("adj_close").with_columns(symbol=pl.lit(mine))
            around = prices.filter(pl.col("date").is_between(day - dt.timedelta(100), day + dt.timedelta(2)))
            before.append(around.filter(pl.col("date") < day))
            since.append(around.filter(pl.col("date") >= day))
            splits.append(row | {"symbol": mine})
    told = pl.DataFrame(splits, schema=fetched.splits.schema)
    return Splits(before=pl.concat(before), since=pl.concat(since), splits=told)


def made_up_splits(seed: int = 7) -> Splits:
    """Return two splits of each large stock, at random days."""
    draw, before, since, splits = np.random.default_rng(seed), [], [], []
    for number, series in enumerate(2 * _stocks()):
        ratio_new, ratio_old = RATIOS[number % len(RATIOS)]
        day = series["date"][int(draw.integers(120, series.height - 10))]
        mine = series.with_columns(symbol=pl.lit(f"S{number}")).filter(
            pl.col("date").is_between(day - dt.timedelta(100), day + dt.timedelta(6))
        )
        before.append(mine.filter(pl.col("date") < day))
        since.append(mine.filter(pl.col("date") >= day))
        splits.append((f"S{number}", day, ratio_new, ratio_old, "yahoo"))
    told = pl.DataFrame(splits, schema=["symbol", "ex_date", "ratio_new", "ratio_old", "source"], orient="row")
    return Splits(before=pl.concat(before), since=_times(pl.concat(since), told, 1 / pl.col("ratio")), splits=told)


def hundredfold_ends(seed: int = 7) -> Held:
    """Return what is held of first fetches of a year of large stocks, the last 8 to 60 rows 100 times off."""
    return _hundredfold(np.random.default_rng(seed), lambda draw: range(250 - int(draw.integers(8, 61)), 250))


def hundredfold_days(seed: int = 7) -> Held:
    """Return what is held of first fetches of a year of large stocks, 25 rows anywhere 100 times off."""
    return _hundredfold(np.random.default_rng(seed), lambda draw: draw.choice(250, 25, replace=False).tolist())


def _hundredfold(draw: np.random.Generator, wrong: Callable[[np.random.Generator], Iterable[int]]) -> Held:
    years, bad = [], []
    for number, series in enumerate(_stocks()):
        year = series.slice(int(draw.integers(0, series.height - 250)), 250)
        off = pl.int_range(pl.len()).is_in(list(wrong(draw)))
        price, factor = pl.Decimal(20, 8), 100.0 if number % 2 else 0.01
        far = ((pl.col(name).cast(pl.Float64) * factor).cast(price) for name in _BARS)
        years.append(
            year.with_columns(pl.when(off).then(one).otherwise(name) for one, name in zip(far, _BARS, strict=True))
        )
        bad.append(year.filter(off).select(about="symbol", date="date"))
    prices, expected = pl.concat(years), pl.concat(bad)
    # The current price is told in the unit of the last row, as providers do.
    quotes = prices.group_by("symbol", maintain_order=True).last()
    fetched = Fetched(prices=prices, dividends=NOTHING, splits=NOTHING, rates=NOTHING, quotes=quotes)
    found = screen(fetched, NOTHING_KNOWN, today=TODAY).filter("held", table_name="price_history")
    rows = found.select("about", "date").unique()
    right = rows.join(expected, on=["about", "date"], how="semi").height
    return Held(faults=expected.height, found=right, others=rows.height - right)


def _stocks() -> list[pl.DataFrame]:
    table = pl.read_parquet(BULK / f"{STOCKS}.parquet").filter(~pl.col("symbol").is_in(UNSOUND)).sort("symbol", "date")
    price = pl.Decimal(20, 8)
    rows = table.select(
        *("symbol", "date"),
        *(pl.col(name).cast(price) for name in _BARS),
        "volume",
        currency=pl.lit("USD"),
        source=pl.lit("yahoo"),
    )
    return [one for _, one in rows.group_by("symbol", maintain_order=True) if one.height >= LEAST_ROWS]


def main() -> None:
    """Measure and print."""
    said: list[tuple[str, Held]] = []
    for name in ("demo_2015-2025_daily", "multi_asset_daily"):
        real = real_splits(name)
        said += [(f"real splits of {name}, {kind}", real.held(real.since, stored=kind == "stored")) for kind in KINDS]
    made = made_up_splits()
    for kind in KINDS:
        stored = kind == "stored"
        said.append((f"made up, they happened, {kind}", made.held(made.since, stored=stored)))
        said.append((f"made up, nothing happened, {kind}", made.held(made.whole, stored=stored)))
        said.append((f"the same, undone, {kind}", made.held(made.whole, stored=stored, undone=True)))
    said.append(("made up, before any price", made.held(made.since.clear(), stored=False)))
    said += [("a year that ends hundredfold", hundredfold_ends()), ("a year with hundredfold days", hundredfold_days())]
    shown = Table("", "faults", "found", "others held")
    for about, held in said:
        shown.add_row(about, str(held.faults), str(held.found), str(held.others))
    Console(width=120).print(shown)


if __name__ == "__main__":
    main()
