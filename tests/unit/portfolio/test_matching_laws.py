"""Laws of matching by column: it is what lots do one by one, to the last decimal, for any numbers (CALCULATIONS 2)."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from unittest import mock

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statements import day

from pipelines.portfolio.errors import OversoldError
from pipelines.portfolio.exact import pro_rata, whole_units
from pipelines.portfolio.frames import SPLIT_SCHEMA
from pipelines.portfolio.lots import (
    NO_COSTS,
    Costs,
    Lot,
    add,
    close_lots,
    match_lots,
    matching,
    paid_for,
    share,
    subtract,
)
from pipelines.portfolio.lots.queues import NOTHING, Dearest
from pipelines.portfolio.lots.shares import Stretch, column, parts
from pipelines.portfolio.lots.trades import TRADE_SCHEMA
from pipelines.portfolio.models import CostMethod

START = day("2020-01-01").toordinal()
TRADE = {**TRADE_SCHEMA, "transaction_id": pl.String, "lot_id": pl.String}
NAMES = st.sampled_from([None, None, "one", "two"])
UNITS = st.one_of(
    st.integers(1, 50).map(lambda whole: whole * 10**10),
    st.integers(1, 10**12),
    st.integers(1, 10),
    st.integers(10**18, 10**21),
)
AMOUNTS = st.one_of(st.integers(0, 10**12), st.integers(0, 20), st.just(10**10), st.integers(10**18, 10**24))
RATIO = st.one_of(st.sampled_from([(2, 1), (1, 3), (7, 3), (10, 12)]), st.tuples(*[st.integers(1, 10**12)] * 2))
TRADES = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from("AB"), st.sampled_from(["ACME", "BOLT"]), UNITS, AMOUNTS, AMOUNTS, NAMES,
        st.sampled_from([0, 0, 1, 1, 2, 3]),
    ),
    min_size=1,
    max_size=30,
)  # fmt: skip
SPLITS = st.lists(st.tuples(st.integers(0, 10), st.sampled_from(["ACME", "BOLT"]), RATIO), max_size=3)


def date(offset):
    return day("2020-01-01").fromordinal(START + offset)


def level(lots):
    """Give every unit of a pool the same cost, lot by lot: what AVERAGE does before anything is taken."""
    units = sum((lot.open_units for lot in lots), start=0)
    if len(lots) < 2 or not units:
        return
    pool = NO_COSTS
    for lot in lots:
        pool = add(pool, lot.open_costs)
    done, given = 0, NO_COSTS
    for lot in lots:
        done += lot.open_units
        reached = share(pool, done, units)
        lot.rebase(lot.open_units, subtract(reached, given))
        given = reached


class OneByOne:
    """Matching with the lots of a ledger, one after the other: slow, and plain to see."""

    def __init__(self, method):
        self.method, self.lots, self.slices, self.uneven = method, defaultdict(list), [], set()

    def pools(self, symbol):
        return [lot for key in sorted(self.lots) if key[1] == symbol for lot in self.lots[key]]

    def level(self, symbol):
        """Level what purchases have made uneven: between two of them costs stay as they are."""
        if self.method is CostMethod.AVERAGE and symbol in self.uneven:
            level(self.pools(symbol))
            self.uneven.remove(symbol)

    def split(self, symbol, new, old):
        for lot in self.pools(symbol):
            lot.split(new, old)

    def buy(self, row, ident, key, units, net, gross, name):
        costs = Costs(net, None, gross, None)
        self.lots[key].append(Lot(name or ident, date(0), row, units, costs, paid=paid_for(costs, units)))
        self.uneven.add(key[1])

    def held(self, key, name):
        named = self.method is CostMethod.SPECIFIC and name is not None
        return sum(lot.open_units for lot in self.lots[key] if not named or lot.lot_id == name)

    def sell(self, ident, key, units, net, gross, name):
        self.level(key[1])
        slices, rest = close_lots(self.lots[key], units, self.method, None if name is None else {name})
        assert not rest
        reached, given = 0, (0, 0)
        for number, part in enumerate(slices, 1):
            lot, taken, costs = part.lot, part.units, part.costs
            reached += taken
            upto = (net, gross) if number == len(slices) else [pro_rata(of, reached, units) for of in (net, gross)]
            brought = [end - start for end, start in zip(upto, given, strict=True)]
            given = upto
            gains = brought[0] - costs.local, brought[1] - costs.local_excluding
            self.slices.append((*key, ident, lot.order, whole_units(taken), costs.local, brought[0], *gains))

    def left(self):
        for symbol in ("ACME", "BOLT"):
            self.level(symbol)
        return sorted(
            (*key, lot.order, whole_units(lot.open_units), lot.open_costs.local, lot.open_costs.local_excluding)
            for key, lots in self.lots.items()
            for lot in lots
        )


def played(trades, divided, method):
    """Return trades and splits as frames, and what comes of them one by one; a sale is of a part of what is held."""
    known, frame, pending = OneByOne(method), [], sorted(divided, key=lambda split: split[0])
    for row, trade in enumerate(sorted(trades, key=lambda item: (item[0], item[7] > 0))):
        offset, account, symbol, units, gross, charges, name, part = trade
        while pending and pending[0][0] <= offset:
            _, of, ratio = pending.pop(0)
            known.split(of, *ratio)
        key, ident = (account, symbol), str(row)
        if part:
            name = name if method is CostMethod.SPECIFIC else None
            units = int(known.held(key, name) // part)
            if not 0 < units < 10**23:
                continue
            known.sell(ident, key, units, gross - charges, gross, name)
        else:
            known.buy(row, ident, key, units, gross + charges, gross, name)
        side = "sell" if part else "buy"
        exact = Decimal(units).scaleb(-10), Decimal(gross).scaleb(-8), Decimal(charges).scaleb(-8), Decimal(0)
        frame.append((account, symbol, date(offset), side, *exact, ident, name))
    for _, of, ratio in pending:
        known.split(of, *ratio)
    assume(all(units < 10**23 for *_, units, _, _ in known.left()))
    ratios = [
        (of, date(offset), Decimal(new).scaleb(-10), Decimal(old).scaleb(-10)) for offset, of, (new, old) in divided
    ]
    return (
        pl.DataFrame(frame, schema=TRADE, orient="row"),
        pl.DataFrame(ratios, schema=SPLIT_SCHEMA, orient="row"),
        known,
    )


def scaled(frame, *names):
    return frame.select(pl.col(name).to_physical() if frame[name].dtype.is_decimal() else name for name in names).rows()


@pytest.mark.parametrize("batch", [3, 100_000])
@pytest.mark.parametrize("method", list(CostMethod))
@settings(max_examples=40)
@given(trades=TRADES, divided=SPLITS)
def test_it_is_what_lots_do_one_by_one(trades, divided, method, batch):
    frame, splits, known = played(trades, divided, method)
    with mock.patch.object(matching, "BATCH", batch):
        found = match_lots(frame, method=method, splits=splits)
    names = "account", "symbol", "sell_id", "buy_id", "quantity", "cost", "proceeds", "gain", "gain_before_fees_taxes"
    expected = [(*row[:3], str(row[3]), *row[4:]) for row in sorted(known.slices, key=lambda row: row[:2])]
    assert sorted(scaled(found.realized, *names)) == sorted(expected)
    left = "account", "symbol", "buy_id", "quantity", "cost", "cost_excluding_fees_and_taxes"
    rows = [(account, symbol, int(ident), *rest) for account, symbol, ident, *rest in scaled(found.open, *left)]
    assert sorted(rows) == known.left()


@settings(max_examples=40)
@given(trades=TRADES)
def test_when_all_is_sold_every_method_has_cost_it_all_and_nothing_is_left(trades):
    bought, _, known = played([trade for trade in trades if not trade[7]], [], CostMethod.FIFO)
    sales = [
        (*key, date(20), "sell", Decimal(known.held(key, None)).scaleb(-10), Decimal(7), Decimal(0), Decimal(0), *"x-")
        for key in known.lots
    ]
    everything = pl.concat([bought, pl.DataFrame(sales, schema=TRADE, orient="row").with_columns(lot_id=None)])
    for method in CostMethod:
        found = match_lots(everything, method=method)
        assert found.realized["cost"].sum() == bought["amount"].sum() + bought["fee"].sum()
        assert found.realized["proceeds"].sum() == 7 * len(sales)
        assert found.open.is_empty()


@given(trades=TRADES, more=st.integers(1, 10**11), ratio=RATIO)
def test_what_is_oversold_is_said_in_units_of_the_sales_day(trades, more, ratio):
    bought, splits, known = played([trade for trade in trades if not trade[7]], [(10, "ACME", ratio)], CostMethod.FIFO)
    held = whole_units(Fraction(known.held(("A", "ACME"), None)))
    lacking = held + more - Fraction(known.held(("A", "ACME"), None))
    assume(held + more < 10**23 and lacking >= 1)  # less than the tenth decimal is not missed
    exact = Decimal(held + more).scaleb(-10), Decimal(7), Decimal(0), Decimal(0)
    sale = pl.DataFrame([("A", "ACME", date(10), "sell", *exact, "x", None)], schema=TRADE, orient="row")
    with pytest.raises(OversoldError) as refused:
        match_lots(pl.concat([bought, sale]), splits=splits)
    assert refused.value.shortfall == Decimal(whole_units(lacking)).scaleb(-10)


WHOLE = st.one_of(st.integers(1, 10), st.integers(1, 10**13), st.integers(2**62, 2**70))
AMOUNT = st.one_of(st.integers(-20, 20), st.integers(-(10**16), 10**16), st.integers(2**62, 2**95))


@given(st.lists(st.tuples(AMOUNT, WHOLE, st.fractions(0, 1), st.fractions(0, 1)), max_size=8))
def test_a_stretch_gets_the_share_of_its_end_less_that_of_its_start(rows):
    stretches = [(*sorted((int(whole * one), int(whole * other))), whole) for _, whole, one, other in rows]
    amounts = [amount for amount, *_ in rows]
    exact = [
        pro_rata(amount, end, whole) - pro_rata(amount, start, whole)
        for amount, (start, end, whole) in zip(amounts, stretches, strict=True)
    ]
    columns = [column([stretch[at] for stretch in stretches]) for at in range(3)]
    assert parts(pl.Series(amounts, dtype=pl.Int128), Stretch(*columns)).to_list() == exact


@given(st.lists(st.tuples(AMOUNT, WHOLE), min_size=1, max_size=12))
def test_the_dearest_is_first_and_of_equals_the_oldest(paid):
    costs, units = zip(*paid, strict=True)
    queue, found = Dearest(costs, units, max(units).bit_length()), []
    for lot in range(len(paid)):
        queue.put(lot)
    while (lot := queue.first(0)) != NOTHING:
        found.append(lot)
        queue.drop()
    assert found == sorted(range(len(paid)), key=lambda lot: Fraction(costs[lot], units[lot]), reverse=True)
