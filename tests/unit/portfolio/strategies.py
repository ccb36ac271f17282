"""Random ledgers and markets for the laws of the engine: never oversold, every common type, splits, two currencies."""

import datetime as dt
from decimal import Decimal

import polars as pl
from hypothesis import strategies as st

from pipelines.portfolio.frames import FX_SCHEMA, PRICE_SCHEMA, SPLIT_SCHEMA, TRANSACTION_SCHEMA, MarketFrames

START = dt.date(2020, 1, 1)
LENGTH = 60
CURRENCY = {"ACME": "EUR", "BOLT": "USD", "CORK": "USD"}
END = START + dt.timedelta(days=LENGTH)

cents = st.integers(1, 10**7).map(lambda value: Decimal(value) / 100)
units = st.one_of(
    st.integers(1, 500).map(Decimal),
    st.integers(1, 10**12).map(lambda value: Decimal(value).scaleb(-10)),
)
charges = st.sampled_from([Decimal(0), Decimal("0.99"), Decimal("9.9")])
offsets = st.integers(0, LENGTH)


@st.composite
def markets(draw):
    prices, rates = [], []
    for symbol, currency in CURRENCY.items():
        days = [START + dt.timedelta(days=offset) for offset in range(0, LENGTH + 1, 7)]
        prices += [(symbol, day, draw(cents), currency) for day in days]
    for offset in range(0, LENGTH + 1, 5):
        rate = Decimal(draw(st.integers(5000, 20000))) / 10000
        rates.append(("EUR", "USD", START + dt.timedelta(days=offset), rate))
    ratios = st.sampled_from([(2, 1), (7, 3), (10, 12), (1, 3)])
    splits = []
    for symbol in draw(st.lists(st.sampled_from(list(CURRENCY)), unique=True, max_size=2)):
        new, old = draw(ratios)
        splits.append((symbol, START + dt.timedelta(days=draw(st.integers(1, LENGTH))), Decimal(new), Decimal(old)))
    return MarketFrames(
        prices=pl.DataFrame(prices, schema=PRICE_SCHEMA, orient="row"),
        fx=pl.DataFrame(rates, schema=FX_SCHEMA, orient="row"),
        splits=pl.DataFrame(splits, schema=SPLIT_SCHEMA, orient="row"),
    )


@st.composite
def rows(draw):
    """Return steps of a ledger: the fraction of a holding to sell, so that it is never oversold."""
    kinds = st.sampled_from(["BUY", "BUY", "SELL", "TRANSFER", "DIVIDEND", "FEE", "DEPOSIT", "DELIVERY_IN", "TAX"])
    count = draw(st.integers(1, 14))
    steps = [
        {
            "kind": draw(kinds),
            "offset": draw(offsets),
            "symbol": draw(st.sampled_from(list(CURRENCY))),
            "account": draw(st.sampled_from(["A", "B"])),
            "units": draw(units),
            "part": draw(st.integers(1, 3)),
            "price": draw(cents),
            "fee": draw(charges),
            "tax": draw(charges),
        }
        for _ in range(count)
    ]
    return sorted(steps, key=lambda step: step["offset"])


def ledger_of(steps, market):
    """Return the transactions of random steps, leaving out disposals of what is not held."""
    held: dict[tuple[str, str], Decimal] = {}
    splits = sorted(market.splits.rows(), key=lambda split: split[1])
    result = []
    for number, step in enumerate(steps):
        date = START + dt.timedelta(days=step["offset"])
        while splits and splits[0][1] <= date:
            symbol, _, new, old = splits.pop(0)
            for key, units_held in held.items():
                if key[1] == symbol:
                    held[key] = (units_held * new / old).quantize(Decimal("1e-10"), rounding="ROUND_DOWN")
        row = _row(step, number, date, held)
        if row is not None:
            result.append(row)
    return pl.DataFrame(result, schema=TRANSACTION_SCHEMA)


def _row(step, number, date, held):
    kind, symbol, account = step["kind"], step["symbol"], step["account"]
    key, other = (account, symbol), ("B" if account == "A" else "A", symbol)
    row = dict.fromkeys(TRANSACTION_SCHEMA) | {
        "transaction_id": f"t{number}",
        "sequence": number,
        "date": date,
        "type": kind,
        "account": account,
        "currency": CURRENCY[symbol],
        "fee": Decimal(0),
        "tax": Decimal(0),
    }
    if kind in {"BUY", "DELIVERY_IN"}:
        held[key] = held.get(key, Decimal(0)) + step["units"]
        return row | {"symbol": symbol, "quantity": step["units"], "price": step["price"], "fee": step["fee"]}
    if kind in {"SELL", "TRANSFER"}:
        # A day's units in count before its transfers, and those before its sales: sell later than all of them.
        amount = (held.get(key, Decimal(0)) / step["part"]).quantize(Decimal("1e-10"), rounding="ROUND_DOWN")
        if amount <= 0:
            return None
        held[key] -= amount
        if kind == "TRANSFER":
            return None if held.get(other) is None else _moved(row, held, other, amount, symbol)
        return row | {"symbol": symbol, "quantity": amount, "price": step["price"], "fee": step["fee"]}
    if kind == "DIVIDEND":
        return row | {"symbol": symbol, "amount": step["price"], "tax": step["tax"]}
    return row | {"amount": step["price"]}


def _moved(row, held, other, amount, symbol):
    held[other] += amount
    return row | {"symbol": symbol, "quantity": amount, "to_account": other[0], "price": None}
