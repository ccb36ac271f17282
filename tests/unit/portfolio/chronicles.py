"""Random ledgers of every type of transaction, a day apart each, for laws that must hold whatever happened.

`strategies` has those with several rows a day; here are shorts, named lots, corporate actions and every kind of payment.
"""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import polars as pl
from hypothesis import strategies as st
from strategies import CURRENCY, START, cents, charges, markets, units

from pipelines.portfolio.booking.corporate import SAME_SPLIT_DAYS
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import ACCOUNT_SCHEMA, TRANSACTION_SCHEMA, LedgerFrames

RATIOS = [(2, 1), (7, 3), (10, 12), (1, 3)]
SHORT = "S"  # the account that allows shorts
TRADES = ["BUY", "BUY", "BUY", "SELL", "SELL", "DELIVERY_IN", "DELIVERY_OUT", "TRANSFER"]
PAYMENTS = ["DIVIDEND", "INTEREST", "INTEREST_CHARGE", "FEE", "FEE_REFUND", "TAX", "TAX_REFUND"]
CASH = ["DEPOSIT", "WITHDRAWAL", "FX_CONVERSION"]
ACTIONS = ["SPLIT", "RETURN_OF_CAPITAL"]
PASSAGES = ["SPINOFF", "MERGER"]  # cost goes to another symbol
EVERYTHING = [*TRADES, *PAYMENTS, *CASH, *ACTIONS, *PASSAGES]
_QUANTUM = Decimal("1e-10")
_ENOUGH = Fraction(1, 10**9)  # more than what a split leaves below the tenth decimal


def floored(amount):
    """Return the tenth decimal on or below a fraction."""
    return Decimal(amount.numerator * 10**10 // amount.denominator) * _QUANTUM


class Chronicle:
    """A ledger that is written row by row, knowing what is held so that nothing is oversold."""

    def __init__(self, market, bought):
        self.bought = bought
        self.rows, self.held, self.with_cash, self.stated = [], {}, set(), {}
        self.known = {(row[0], Fraction(row[2]) / Fraction(row[3])) for row in market.splits.rows()}
        self._splits = sorted(market.splits.rows(), key=lambda split: split[1])

    def split_until(self, date):
        while self._splits and self._splits[0][1] <= date:
            symbol, _, new, old = self._splits.pop(0)
            for key in self.held:
                if key[1] == symbol:
                    self.held[key] *= Fraction(new) / Fraction(old)

    def add(self, date, account, kind, symbol, /, **stated):
        row = dict.fromkeys(TRANSACTION_SCHEMA) | {"fee": Decimal(0), "tax": Decimal(0), "currency": CURRENCY[symbol]}
        number = len(self.rows) + 1
        row |= {"transaction_id": f"t{number}", "sequence": number, "date": date, "account": account, "type": kind}
        self.rows.append(row | {"symbol": symbol} | stated)

    def of(self, account, symbol):
        return self.held.get((account, symbol), Fraction(0))

    def move(self, account, symbol, amount):
        self.held[account, symbol] = self.of(account, symbol) + Fraction(amount)

    @property
    def frame(self):
        return pl.DataFrame(self.rows, schema=TRANSACTION_SCHEMA)


@st.composite
def chronicles(draw, kinds=EVERYTHING, most=12, bought=units):
    """Return a ledger's transactions and its market; ``bought`` has the units of a trade."""
    market = draw(markets())
    book = Chronicle(market, bought)
    for offset in sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=most, unique=True))):
        date = START + dt.timedelta(days=offset)
        book.split_until(date)
        _happen(draw, book, date, draw(st.sampled_from(kinds)))
    return book.frame, market


def _happen(draw, book, date, kind):
    account, symbol = draw(st.sampled_from(["A", "B", SHORT])), draw(st.sampled_from(list(CURRENCY)))
    moves = kind in {"TRANSFER", *ACTIONS, *PASSAGES}
    if moves or (kind in {"SELL", "DELIVERY_OUT"} and account != SHORT):
        held = sorted(key for key, amount in book.held.items() if abs(amount) >= _ENOUGH and (moves or key[0] != SHORT))
        if not held:
            return
        account, symbol = draw(st.sampled_from(held))
    money = {"price": draw(cents), "fee": draw(charges), "tax": draw(charges)}
    if kind in {"BUY", "DELIVERY_IN", "SELL", "DELIVERY_OUT", "TRANSFER"}:
        _trade(draw, book, date, account, kind, symbol, money)
    elif kind in ACTIONS or kind in PASSAGES:
        _act(draw, book, date, account, kind, symbol, money)
    elif kind in CASH:
        told = {"symbol": None, "amount": money["price"]}
        if kind == "FX_CONVERSION" and account not in book.with_cash:
            kind = "DEPOSIT"
        book.with_cash.add(account)
        if kind == "FX_CONVERSION":
            other = "USD" if CURRENCY[symbol] == "EUR" else "EUR"
            told |= {"to_amount": draw(cents), "to_currency": other, "fee": money["fee"]}
        book.add(date, account, kind, symbol, **told)
    else:
        told = {"fee": money["fee"], "tax": money["tax"]} if kind in {"DIVIDEND", "INTEREST"} else {}
        told |= {"symbol": symbol if kind == "DIVIDEND" or draw(st.booleans()) else None}
        book.add(date, account, kind, symbol, amount=money["price"], **told)


def _trade(draw, book, date, account, kind, symbol, money):
    amount = draw(book.bought)
    if account != SHORT and kind in {"SELL", "DELIVERY_OUT"}:
        amount = floored(book.of(account, symbol) / draw(st.integers(1, 3)))
    if kind == "TRANSFER":
        _transfer(draw, book, date, account, symbol)
        return
    if account == SHORT and kind.startswith("DELIVERY"):
        return
    book.move(account, symbol, amount if kind in {"BUY", "DELIVERY_IN"} else -amount)
    book.add(date, account, kind, symbol, quantity=amount, **money)


def _transfer(draw, book, date, account, symbol):
    """Move units of either side; no account but the short one is left short."""
    other = draw(st.sampled_from([name for name in ("A", "B", SHORT) if name != account]))
    held = book.of(account, symbol)
    amount = floored(abs(held) / draw(st.integers(1, 3)))
    moved = amount if held > 0 else -amount
    if moved < 0 and other != SHORT and book.of(other, symbol) < Fraction(amount) + _ENOUGH:
        return
    book.move(account, symbol, -moved)
    book.move(other, symbol, moved)
    book.add(date, account, "TRANSFER", symbol, quantity=amount, to_account=other)


def _act(draw, book, date, account, kind, symbol, money):
    new, old = draw(st.sampled_from(RATIOS))
    ratio = {"ratio_new": Decimal(new), "ratio_old": Decimal(old)}
    if kind == "RETURN_OF_CAPITAL":
        book.add(date, account, kind, symbol, amount=money["price"], fee=money["fee"], tax=money["tax"])
        return
    if kind == "SPLIT":
        if (symbol, Fraction(new, old)) in book.known:
            return  # it may be the market's own, which counts once
        stated = book.stated.setdefault((account, symbol, Fraction(new, old)), [])
        if not any((date - before).days <= SAME_SPLIT_DAYS for before in stated):
            stated.append(date)
            book.held[account, symbol] *= Fraction(new, old)
        book.add(date, account, kind, symbol, **ratio)
        return
    target = draw(st.sampled_from([name for name in CURRENCY if name != symbol]))
    book.move(account, target, book.of(account, symbol) * Fraction(new, old))
    if kind == "SPINOFF":
        part = draw(st.sampled_from([Decimal(0), Decimal("0.3333333333"), Decimal(1)]))
        book.add(date, account, kind, symbol, to_symbol=target, cost_fraction=part, **ratio)
        return
    book.held[account, symbol] = Fraction(0)
    cash = draw(st.sampled_from([None, money["price"]]))
    book.add(date, account, kind, symbol, to_symbol=target, amount=cash, **ratio)


def seen(chronicle, *, as_of, **options):
    """Return the view of a chronicle."""
    transactions, market = chronicle
    rules = pl.DataFrame([(SHORT, "EUR", None, True)], schema=ACCOUNT_SCHEMA, orient="row")
    options = {"base_currency": "EUR", "include_closed": True} | options
    return complete_view(LedgerFrames(transactions=transactions, accounts=rules), market, as_of=as_of, **options)
