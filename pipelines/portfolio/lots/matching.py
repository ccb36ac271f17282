"""Lot matching as a frame function: dated purchases and sales in, realised and open lots out (CALCULATIONS 2).

Belongs here: reading trades and splits of one currency, the queue of open lots that each cost method takes from, laying
out the answer. Does not: what a lot is and how it is sliced (`lot`); cash, rates and every other type of transaction
(`booking`), for which there is `complete_view`.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, repeat
from typing import Any, NamedTuple

import polars as pl

from pipelines.portfolio.collector import collector_paused
from pipelines.portfolio.errors import EngineError, OversoldError
from pipelines.portfolio.exact import MONEY_SCALE, UNITS_SCALE, Amount, Units, integers, pro_rata, quantity, whole_units
from pipelines.portfolio.frames import SPLIT_SCHEMA
from pipelines.portfolio.lots.lot import Costs, Lot, Slice, close_lots, level, paid_for, take
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
_SCALES = {QUANTITY: UNITS_SCALE, MONEY: MONEY_SCALE}


class TradesError(EngineError):
    """A frame of trades or splits is not what matching takes.

    Args:
        column: The column at fault.
        found: What is there.
        expected: What should be.
        row: The row's number from 1 on; None if it is about the whole column.
    """

    def __init__(self, *, column: str, found: object, expected: str, row: int | None = None) -> None:
        where = f"row {row}, column {column}" if row is not None else f"column {column}"
        super().__init__(f"{where}: found {found}; expected {expected}")
        self.column = column
        self.found = found
        self.expected = expected
        self.row = row


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
        TradesError: If a column is missing, not exact, finer than the engine counts, or a row lacks what it needs.
        OversoldError: If more is sold than is held (SPECIFIC: than is left of the lot that is named).
    """
    ordered = _ordered(_checked(trades), method)
    rows = _Rows.of(ordered, method)
    matcher = _Matcher(rows, method, _splits_by_symbol(splits))
    with collector_paused():
        for start, end in _groups(ordered, _group_of(method)):
            matcher.match(start, end, ordered["symbol"][start])
        return MatchedLots(_realized_frame(ordered, rows, matcher.closed), _open_frame(ordered, matcher.left))


# Reading


def _checked(trades: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that matter in the engine's types, with the names that rows and lots go by."""
    stated = [trades[name].cast(pl.String) for name in NAMES if name in trades.columns]
    frame = pl.DataFrame([*_columns(trades, TRADE_SCHEMA), *stated]).with_row_index("row", 1)
    _refuse(frame, "side", ~pl.col("side").is_in([BUY, SELL]), f"{BUY} or {SELL}")
    _refuse(frame, "quantity", pl.col("quantity") <= 0, "more than zero")
    for name in TRADE_SCHEMA:
        _refuse(frame, name, pl.col(name).is_null(), "a value")
    return _named(frame)


def _columns(frame: pl.DataFrame, schema: Mapping[str, Any]) -> list[pl.Series]:
    for name, dtype in schema.items():
        if name not in frame.columns:
            raise TradesError(column=name, found="nothing", expected=f"a column of {dtype}")
    return [_exact(frame[name], dtype) for name, dtype in schema.items()]


def _exact(column: pl.Series, dtype: Any) -> pl.Series:
    """Return a column in its type; a float or a digit that would be lost is refused."""
    scale = _SCALES.get(dtype)
    if scale is not None and not (column.dtype.is_integer() or column.dtype.is_decimal()):
        raise TradesError(column=column.name, found=str(column.dtype), expected=f"exact numbers, such as {dtype}")
    try:
        result = column.cast(dtype)
    except pl.exceptions.PolarsError as error:
        raise TradesError(column=column.name, found=str(column.dtype), expected=str(dtype)) from error
    if isinstance(column.dtype, pl.Decimal) and scale is not None and column.dtype.scale > scale:
        _refuse_finer(column, result, scale)
    return result


def _refuse_finer(column: pl.Series, rounded: pl.Series, scale: int) -> None:
    finer = pl.DataFrame({column.name: column, "rounded": rounded.cast(column.dtype)}).with_row_index("row", 1)
    _refuse(finer, column.name, pl.col(column.name) != pl.col("rounded"), f"at most {scale} decimals")


def _refuse(frame: pl.DataFrame, column: str, fault: pl.Expr, expected: str) -> None:
    for row in frame.filter(fault).head(1).iter_rows(named=True):
        raise TradesError(column=column, found=row[column], expected=expected, row=row["row"])


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``transaction_id``, ``lot_id``, and what a trade costs or brings with its charges."""
    number = pl.format("row {}", "row")
    ident = pl.coalesce("transaction_id", number) if "transaction_id" in frame.columns else number
    charges, is_buy = pl.col("fee") + pl.col("tax"), pl.col("side") == BUY
    stated = pl.col("lot_id") if "lot_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.with_columns(
        transaction_id=ident,
        lot_id=pl.when(is_buy).then(pl.coalesce(stated, ident)).otherwise(stated),
        is_buy=is_buy,
        net=pl.col("amount") + pl.when(is_buy).then(charges).otherwise(-charges),
    )


def _group_of(method: CostMethod) -> list[str]:
    return ["symbol"] if method is CostMethod.AVERAGE else ["account", "symbol"]


def _ordered(frame: pl.DataFrame, method: CostMethod) -> pl.DataFrame:
    return frame.sort(*_group_of(method), "date", ~pl.col("is_buy"), "row")


def _groups(ordered: pl.DataFrame, names: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the first row of each group and that of the next."""
    changes = ordered.select((pl.struct(names) != pl.struct(names).shift()).fill_null(value=True).arg_true())
    starts = [*changes.to_series(), ordered.height]
    yield from pairwise(starts)


def _splits_by_symbol(splits: pl.DataFrame | None) -> dict[str, list["_Split"]]:
    """Return each symbol's splits in the order of their days."""
    if splits is None:
        return {}
    frame = pl.DataFrame(_columns(splits, SPLIT_SCHEMA)).with_row_index("row", 1)
    for name in ("ratio_new", "ratio_old"):
        _refuse(frame, name, (pl.col(name) <= 0).fill_null(value=True), "more than zero")
    frame = frame.sort("ex_date", "row")
    found: dict[str, list[_Split]] = defaultdict(list)
    ratios = zip(integers(frame["ratio_new"]), integers(frame["ratio_old"]), strict=True)
    for symbol, day, (new, old) in zip(frame["symbol"], frame["ex_date"], ratios, strict=True):
        found[symbol].append(_Split(day, new or 0, old or 0))
    return found


def _integers(series: pl.Series) -> list[int]:
    """Return the scaled integers behind a column without nulls; 64 bits, where they do, are read thrice as fast."""
    wide = series.to_physical()
    narrow = wide.cast(pl.Int64, strict=False)
    values: list[int] = (wide if narrow.null_count() else narrow).to_list()
    return values


class _Split(NamedTuple):
    date: dt.date
    new: int
    old: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """The sorted trades as columns of plain values; ``lot_ids`` and ``accounts`` only where a method asks for them."""

    is_buy: list[bool]
    dates: list[dt.date]
    units: list[int]
    net: list[int]
    gross: list[int]
    ids: pl.Series
    lot_ids: list[str | None]
    accounts: list[str]
    account: pl.Series

    def between(self, start: int, end: int) -> Iterator[tuple[bool, dt.date, int, int, int, str | None]]:
        """Return some rows: side, day, units, net, gross, and the lot's name where it matters."""
        columns = (self.is_buy, self.dates, self.units, self.net, self.gross)
        names = self.lot_ids[start:end] or repeat(None, end - start)
        return zip(*(column[start:end] for column in columns), names, strict=True)

    @classmethod
    def of(cls, ordered: pl.DataFrame, method: CostMethod) -> "_Rows":
        return cls(
            is_buy=ordered["is_buy"].to_list(),
            dates=ordered["date"].to_list(),
            units=_integers(ordered["quantity"]),
            net=_integers(ordered["net"]),
            gross=_integers(ordered["amount"]),
            ids=ordered["transaction_id"],
            lot_ids=ordered["lot_id"].to_list() if method is CostMethod.SPECIFIC else [],
            accounts=ordered["account"].to_list() if method is CostMethod.AVERAGE else [],
            account=ordered["account"],
        )


# Open lots


class _Queue:
    """The open lots of one group in the order in which sales close them: FIFO's own; rows are the sorted trades'."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows
        self._lots: list[Lot] = []

    def put(self, lot: Lot) -> None:
        """Add the newest lot."""
        self._lots.append(lot)

    def take(self, row: int, units: int) -> tuple[list[Slice], Units]:  # noqa: ARG002 - which sale is for others
        """Close units for a sale; return the slices and what no lot could give."""
        lots = self._lots
        slices, rest = take(lots, units)
        if slices:
            last = slices[-1].lot
            del lots[: len(slices) - (last.used != last.units)]  # only the last one may be open
        return slices, rest

    def split(self, new: int, old: int) -> None:
        """Multiply the units of every lot."""
        for lot in self._lots:
            lot.split(new, old)

    def left(self) -> list[Lot]:
        """Return what is open, oldest first."""
        return sorted(self._lots, key=lambda lot: lot.order)


class _Newest(_Queue):
    """LIFO."""

    def put(self, lot: Lot) -> None:
        self._lots.insert(0, lot)


class _Dearest(_Queue):
    """HIFO: sorted once a purchase, since what was paid for a unit stays (`matching_order` sorts every sale)."""

    def __init__(self, rows: _Rows) -> None:
        super().__init__(rows)
        self._keys: list[Fraction] = []

    def put(self, lot: Lot) -> None:
        lot.paid = paid_for(lot.costs, lot.units)
        key = _cheapness(lot)
        place = bisect_right(self._keys, key)
        self._keys.insert(place, key)
        self._lots.insert(place, lot)

    def take(self, row: int, units: int) -> tuple[list[Slice], Units]:
        taken = super().take(row, units)
        del self._keys[: len(self._keys) - len(self._lots)]
        return taken

    def split(self, new: int, old: int) -> None:
        super().split(new, old)
        self._keys = [_cheapness(lot) for lot in self._lots]


def _cheapness(lot: Lot) -> Fraction:
    return Fraction(0) if lot.paid is None else -Fraction(lot.paid[0]) / lot.paid[1]


class _Named(_Queue):
    """SPECIFIC."""

    def take(self, row: int, units: int) -> tuple[list[Slice], Units]:
        name = self._rows.lot_ids[row]
        return close_lots(self._lots, units, CostMethod.SPECIFIC, None if name is None else {name})


class _Pool(_Queue):
    """AVERAGE: one cost a unit over all accounts; a sale takes the oldest lots of its own."""

    def __init__(self, rows: _Rows) -> None:
        super().__init__(rows)
        self._accounts: dict[str, list[Lot]] = defaultdict(list)
        self._is_uneven = False

    def put(self, lot: Lot) -> None:
        self._accounts[self._rows.accounts[lot.order]].append(lot)
        self._is_uneven = True

    def take(self, row: int, units: int) -> tuple[list[Slice], Units]:
        self._level()
        return close_lots(self._accounts[self._rows.accounts[row]], units, CostMethod.AVERAGE)

    def _level(self) -> None:
        if self._is_uneven:
            level([lot for account in sorted(self._accounts) for lot in self._accounts[account]])
            self._is_uneven = False

    def split(self, new: int, old: int) -> None:
        for lots in self._accounts.values():
            for lot in lots:
                lot.split(new, old)

    def left(self) -> list[Lot]:
        self._level()
        return sorted((lot for lots in self._accounts.values() for lot in lots), key=lambda lot: lot.order)


_QUEUES: dict[CostMethod, type[_Queue]] = {
    CostMethod.FIFO: _Queue,
    CostMethod.LIFO: _Newest,
    CostMethod.HIFO: _Dearest,
    CostMethod.SPECIFIC: _Named,
    CostMethod.AVERAGE: _Pool,
}


# Matching


@dataclass(frozen=True, slots=True)
class _Closed:
    """What sales took of lots, a list a column: a million small rows would keep the garbage collector busy."""

    sales: list[int] = field(default_factory=list)
    buys: list[int] = field(default_factory=list)
    units: list[Units] = field(default_factory=list)
    cost: list[Amount] = field(default_factory=list)
    cost_excluding: list[Amount] = field(default_factory=list)


class _Matcher:
    """Goes through the groups of sorted trades."""

    def __init__(self, rows: _Rows, method: CostMethod, splits: dict[str, list[_Split]]) -> None:
        self._rows, self._queue, self._splits = rows, _QUEUES[method], splits
        self.closed = _Closed()
        self.left: list[Lot] = []

    def match(self, start: int, end: int, symbol: str) -> None:
        """Match the rows of one group, with the symbol's splits before the trades of their day."""
        queue = self._queue(self._rows)
        reached = start
        for split in self._splits.get(symbol, ()):
            until = bisect_left(self._rows.dates, split.date, start, end)
            self._trade(queue, symbol, reached, until)
            queue.split(split.new, split.old)
            reached = until
        self._trade(queue, symbol, reached, end)
        self.left += queue.left()

    def _trade(self, queue: _Queue, symbol: str, start: int, end: int) -> None:
        closed, put, take_of = self.closed, queue.put, queue.take
        sales, buys, cut, cost, excluding = (
            closed.sales.append,
            closed.buys.append,
            closed.units.append,
            closed.cost.append,
            closed.cost_excluding.append,
        )
        for row, (is_buy, day, units, net, gross, lot_id) in enumerate(self._rows.between(start, end), start):
            if is_buy:
                # One currency: the base is left unknown, which halves the arithmetic.
                put(Lot(lot_id or "", day, row, units, Costs(net, None, gross, None)))
                continue
            slices, rest = take_of(row, units)
            if rest:
                raise self._oversold(row, symbol, rest)
            for lot, taken, (local, _, local_excluding, _) in slices:
                sales(row)
                buys(lot.order)
                cut(taken)
                cost(local)
                excluding(local_excluding)

    def _oversold(self, row: int, symbol: str, rest: Units) -> OversoldError:
        return OversoldError(
            transaction_id=self._rows.ids[row],
            account=self._rows.account[row],
            symbol=symbol,
            date=self._rows.dates[row],
            shortfall=quantity(rest),
        )


# Laying out


def _decimals(values: Sequence[Amount], dtype: Any) -> pl.Series:
    """Return scaled integers as a Decimal column."""
    quantum = pl.lit(Decimal(1).scaleb(-_SCALES[dtype]), dtype=dtype)
    whole = pl.Series("value", values, dtype=pl.Int128).cast(pl.Decimal(38, 0))
    return whole.to_frame().select((pl.col("value") * quantum).cast(dtype)).to_series()


def _parts(rows: _Rows, closed: _Closed) -> tuple[list[int], list[int]]:
    """Return each slice's part of what its sale brought, after and before charges; the last takes the remainder."""
    after: list[int] = []
    before: list[int] = []
    reached: Units = 0
    given = given_gross = 0
    for row, following, taken in zip(closed.sales, [*closed.sales[1:], None], closed.units, strict=False):
        net, gross = rows.net[row], rows.gross[row]
        if row != following:
            after.append(net - given)
            before.append(gross - given_gross)
            reached = given = given_gross = 0
            continue
        reached += taken
        upto, upto_gross = pro_rata(net, reached, rows.units[row]), pro_rata(gross, reached, rows.units[row])
        after.append(upto - given)
        before.append(upto_gross - given_gross)
        given, given_gross = upto, upto_gross
    return after, before


def _realized_frame(ordered: pl.DataFrame, rows: _Rows, closed: _Closed) -> pl.DataFrame:
    sold, bought = (pl.Series(taken, dtype=pl.UInt32) for taken in (closed.sales, closed.buys))
    of_sales = ordered.select("account", "symbol", sell_id="transaction_id", sold_on="date")[sold]
    of_buys = ordered.select("lot_id", buy_id="transaction_id", bought_on="date")[bought]
    net, gross = _parts(rows, closed)
    frame = pl.concat([of_sales, of_buys], how="horizontal").with_columns(
        quantity=_decimals([whole_units(units) for units in closed.units], QUANTITY),
        cost=_decimals(closed.cost, MONEY),
        cost_excluding_fees_and_taxes=_decimals(closed.cost_excluding, MONEY),
        proceeds=_decimals(net, MONEY),
        gross=_decimals(gross, MONEY),
    )
    is_long = pl.col("sold_on") > _anniversary(pl.col("bought_on"))
    return frame.sort("account", maintain_order=True).select(
        "account",
        "symbol",
        "buy_id",
        "sell_id",
        "lot_id",
        "bought_on",
        "sold_on",
        "quantity",
        "cost",
        "cost_excluding_fees_and_taxes",
        "proceeds",
        gain=(pl.col("proceeds") - pl.col("cost")).cast(MONEY),
        gain_before_fees_taxes=(pl.col("gross") - pl.col("cost_excluding_fees_and_taxes")).cast(MONEY),
        days_held=(pl.col("sold_on") - pl.col("bought_on")).dt.total_days(),
        term=pl.when(is_long).then(pl.lit("long")).otherwise(pl.lit("short")),
    )


def _anniversary(day: pl.Expr) -> pl.Expr:
    """Return the same day a year later; of 29 February 1 March, as `trades.anniversary`."""
    later = day.dt.offset_by("1y")
    return later + pl.when(later.dt.day() != day.dt.day()).then(pl.duration(days=1)).otherwise(pl.duration(days=0))


def _open_frame(ordered: pl.DataFrame, left: list[Lot]) -> pl.DataFrame:
    rows = pl.Series([lot.order for lot in left], dtype=pl.UInt32)
    named = ordered.select("account", "symbol", "lot_id", buy_id="transaction_id", bought_on="date")[rows]
    costs = [lot.open_costs for lot in left]
    return (
        named.select("account", "symbol", "buy_id", "lot_id", "bought_on")
        .with_columns(
            quantity=_decimals([whole_units(lot.open_units) for lot in left], QUANTITY),
            cost=_decimals([cost.local or 0 for cost in costs], MONEY),
            cost_excluding_fees_and_taxes=_decimals([cost.local_excluding or 0 for cost in costs], MONEY),
        )
        .sort("account", maintain_order=True)
    )
