"""Trades as matching takes them: checked, in columns of whole numbers, in the order in which they count.

Belongs here: the schema, what a row must have, sorting and grouping. Does not: lots (`matching`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.checked import conformed, refuse
from pipelines.portfolio.days import Ints
from pipelines.portfolio.models import CostMethod
from warehouse.schema.types import MONEY, QUANTITY

BUY, SELL = "buy", "sell"
TRADE_SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "symbol": pl.String,
    "date": pl.Date,
    "side": pl.String,
    "quantity": QUANTITY,
    "amount": MONEY,
    "fee": MONEY,
    "tax": MONEY,
}
NAMES = ("transaction_id", "lot_id")


@dataclass(frozen=True, slots=True)
class Trades:
    """Checked trades in the order they came in, and the order in which they count.

    Args:
        labels: ``(n,)`` rows: ``account``, ``symbol``, ``transaction_id``, ``lot_id`` String, ``date`` Date.
        is_buy: ``(n,)`` whether a row is a purchase.
        units: ``(n,)`` quantities of 1e-10, Int64, or Int128 where 64 bits do not hold them; as the two below.
        net: ``(n,)`` what a trade costs or brings with its charges, 1e-8.
        gross: ``(n,)`` the same without them.
        order: ``(n,)`` rows by group, day, purchases before sales.
        starts: ``(n_groups + 1,)`` places in ``order`` at which a group starts, and the end.
    """

    labels: pl.DataFrame
    is_buy: npt.NDArray[np.bool_]
    units: pl.Series
    net: pl.Series
    gross: pl.Series
    order: Ints
    starts: Ints

    def batches(self, rows: int) -> Iterator[Ints]:
        """Yield runs of ``starts``, each of at least so many rows (the last may have fewer, or none)."""
        first, end = 0, len(self.starts) - 1
        while True:
            last = min(int(np.searchsorted(self.starts, self.starts[first] + rows)), end)
            yield self.starts[first : last + 1]
            if last == end:
                return
            first = last


def read_trades(trades: pl.DataFrame, method: CostMethod) -> Trades:
    """Return trades checked and in order.

    Raises:
        FrameError: If a column is missing or not exact, or a row lacks what it needs.
    """
    frame = _checked(trades)
    is_buy = (frame["side"] == BUY).to_numpy()
    order, starts = _sorted(frame, is_buy, ["symbol"] if method is CostMethod.AVERAGE else ["account", "symbol"])
    return Trades(
        labels=frame.select("account", "symbol", "date", "transaction_id", "lot_id"),
        is_buy=is_buy,
        units=_whole_numbers(frame["quantity"]),
        net=_whole_numbers(frame["net"]),
        gross=_whole_numbers(frame["amount"]),
        order=order,
        starts=starts,
    )


def _checked(trades: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that matter in the engine's types, with the names that rows and lots go by."""
    stated = [trades[name].cast(pl.String) for name in NAMES if name in trades.columns]
    frame = conformed(trades, TRADE_SCHEMA, name="trades").with_columns(stated).with_row_index("row", 1)
    refuse(frame, "side", ~pl.col("side").is_in([BUY, SELL]), f"{BUY} or {SELL}", name="trades")
    refuse(frame, "quantity", pl.col("quantity") <= 0, "more than zero", name="trades")
    return _named(frame)


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``transaction_id``, ``lot_id``, and what a trade costs or brings with its charges."""
    number = pl.format("row {}", "row")
    ident = pl.coalesce("transaction_id", number) if "transaction_id" in frame.columns else number
    charges, is_buy = pl.col("fee") + pl.col("tax"), pl.col("side") == BUY
    stated = pl.col("lot_id") if "lot_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.with_columns(
        transaction_id=ident,
        lot_id=pl.when(is_buy).then(pl.coalesce(stated, ident)).otherwise(stated),
        net=pl.col("amount") + pl.when(is_buy).then(charges).otherwise(-charges),
    )


def _sorted(frame: pl.DataFrame, is_buy: npt.NDArray[np.bool_], group: list[str]) -> tuple[Ints, Ints]:
    """Return the rows in order, and the places at which a group starts, with the end."""
    keys = [_ranks(frame[name]) for name in group]
    # The last key counts first; rows that are equal in all of them stay in the order they came in.
    order = np.lexsort((~is_buy, frame["date"].to_physical().to_numpy(), *reversed(keys)))
    is_new = np.logical_or.reduce([np.diff(key[order]) != 0 for key in keys])
    return order, np.unique(np.r_[0, np.flatnonzero(is_new) + 1, len(order)])


def _ranks(names: pl.Series) -> npt.NDArray[Any]:
    """Return each name's place in the alphabet of all: numbers sort many times as fast."""
    return names.cast(pl.Enum(names.unique().sort())).to_physical().to_numpy()


def _whole_numbers(decimals: pl.Series) -> pl.Series:
    """Return the scaled integers behind a column without nulls, in 64 bits where they do."""
    wide = decimals.to_physical()
    narrow = wide.cast(pl.Int64, strict=False)
    return wide if narrow.null_count() else narrow
