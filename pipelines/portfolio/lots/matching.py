"""Lot matching as a frame function: dated purchases and sales in, realised and open lots out (CALCULATIONS 2).

Belongs here: the whole of it. Does not: reading (`trades`, `splits`), matching (`batch`), laying out (`layout`); cash,
rates and every other type of transaction (`booking`), for which there is `complete_view`.
"""

from typing import NamedTuple

import polars as pl

from pipelines.portfolio.collector import collector_paused
from pipelines.portfolio.lots.batch import match_batch
from pipelines.portfolio.lots.layout import open_frame, realized_frame
from pipelines.portfolio.lots.splits import splits_by_symbol
from pipelines.portfolio.lots.trades import read_trades
from pipelines.portfolio.models import CostMethod

BATCH = 100_000  # rows at a time that are held as Python's own numbers, if a group has no more


class MatchedLots(NamedTuple):
    """Which lots sales have closed, and which are open."""

    realized: pl.DataFrame
    open: pl.DataFrame


def match_lots(
    trades: pl.DataFrame, *, method: CostMethod = CostMethod.FIFO, splits: pl.DataFrame | None = None
) -> MatchedLots:
    """Match sales with the purchases they close.

    Rows count by date; on one day splits come first, then purchases, then sales, each in the order they are given in.
    The figures are those of `complete_view` for a ledger of one currency: same lots, same slices, same rounding.

    Args:
        trades: ``TRADE_SCHEMA``, in any order: ``side`` is ``buy`` or ``sell``; ``quantity`` above zero, at most ten
            decimals; ``amount`` gross, ``fee`` and ``tax``, all in the symbol's one currency, at most eight decimals.
            Optional: ``transaction_id`` (without it ``row 1`` and so on), and ``lot_id``: of a purchase the name of its
            lot (without it its ``transaction_id``), of a sale under SPECIFIC the lot it closes.
        method: FIFO, LIFO, HIFO and SPECIFIC match within account and symbol; AVERAGE has one pool a symbol.
        splits: ``SPLIT_SCHEMA``; all of them count, those after the last trade too. None for none.

    Returns:
        ``realized``, a row a lot that a sale closed or cut, by account and symbol, then in the order of the sales:
        ``account``, ``symbol``, ``buy_id``, ``sell_id``, ``lot_id`` String; ``bought_on``, ``sold_on`` Date;
        ``quantity`` as of the sale's day; ``cost`` with and ``cost_excluding_fees_and_taxes`` without charges;
        ``proceeds`` net; ``gain``, ``gain_before_fees_taxes``, Decimal(28, 8); ``days_held`` Int64; ``term``, ``long``
        when sold after the calendar anniversary of the purchase, else ``short``. And ``open``, a row an open lot,
        oldest first: ``account``, ``symbol``, ``buy_id``, ``lot_id``, ``bought_on``, ``quantity``, ``cost``,
        ``cost_excluding_fees_and_taxes``.

    Raises:
        FrameError: If a column is missing, not exact, finer than the engine counts, or a row lacks what it needs.
        OversoldError: If more is sold than is held (SPECIFIC: than is left of the lot that is named).
    """
    read, known_splits = read_trades(trades, method), splits_by_symbol(splits)
    with collector_paused():
        matched = [match_batch(read, starts, method, known_splits) for starts in read.batches(BATCH)]
    slices, left = (pl.concat(frames) for frames in zip(*matched, strict=True))
    return MatchedLots(realized_frame(read.labels, slices), open_frame(read.labels, left))
