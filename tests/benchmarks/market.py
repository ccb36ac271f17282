"""A made-up market and ledger of any size, the same for the same seed.

Belongs here: frames as the engine takes them, for measuring. Does not: measuring, anything that claims to be real.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from pipelines.portfolio.frames import (
    ACCOUNT_SCHEMA,
    DIVIDEND_SCHEMA,
    FX_SCHEMA,
    PRICE_SCHEMA,
    SPLIT_SCHEMA,
    SYMBOL_SCHEMA,
    TRANSACTION_SCHEMA,
    LedgerFrames,
    MarketFrames,
)
from warehouse.schema.types import FX_RATE, PRICE

SESSIONS_A_YEAR = 252
LAST = dt.date(2024, 12, 31)
CURRENCIES = ("EUR", "USD", "GBP")
EXCHANGES = {"EUR": "XETR", "USD": "XNYS", "GBP": "XLON"}
COUNTRIES = {"EUR": "Germany", "USD": "United States", "GBP": "United Kingdom"}
SECTORS = ("Energy", "Financials", "Health Care", "Industrials", "Technology", "Utilities")
RATES = {"USD": 1.12, "GBP": 0.86}
SPLITS_EVERY, PAYS_EVERY, QUARTER = 10, 2, 63
CASH_A_TRANSACTION = 5_000
KINDS = ("BUY", "SELL", "DIVIDEND", "DEPOSIT", "WITHDRAWAL", "INTEREST", "FEE")
SHARES = (0.52, 0.22, 0.18, 0.04, 0.01, 0.02, 0.01)


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of everything there is."""

    symbols: int
    transactions: int
    years: int

    @property
    def sessions(self) -> int:
        """How many days have prices."""
        return self.years * SESSIONS_A_YEAR

    @property
    def opening_cash(self) -> Decimal:
        """What each account is opened with."""
        return Decimal(CASH_A_TRANSACTION * self.transactions)


def sessions(size: Size) -> list[dt.date]:
    """Return that many weekdays up to the last one, evenly thinned by holidays."""
    first = LAST.replace(year=LAST.year - size.years) + dt.timedelta(days=1)
    weekdays = [day for n in range((LAST - first).days + 1) if (day := first + dt.timedelta(days=n)).weekday() < 5]
    return [weekdays[i] for i in np.linspace(0, len(weekdays) - 1, size.sessions).astype(int)]


def names(size: Size) -> list[str]:
    """Return the symbols."""
    return [f"S{number:04}" for number in range(size.symbols)]


def currency_of(number: int) -> str:
    """Return the currency of the symbol of that number."""
    return CURRENCIES[number % len(CURRENCIES)]


def split_day(size: Size, number: int) -> int | None:
    """Return the session from which the symbol of that number counts double, if it does."""
    return (number * 37) % (size.sessions - 2) + 1 if number % SPLITS_EVERY == 0 else None


def closes(size: Size, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return ``(n_symbols, n_sessions)`` closes as traded, in hundredths of the currency."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0.0003, 0.015, (size.symbols, size.sessions))
    values = rng.uniform(20, 400, (size.symbols, 1)) * np.exp(np.cumsum(steps, axis=1))
    for number in range(size.symbols):
        if (session := split_day(size, number)) is not None:
            values[number, session:] /= 2
    return np.maximum(np.rint(values * 100), 1).astype(np.int64)


def _prices(size: Size, days: list[dt.date], cents: np.ndarray[Any, np.dtype[np.int64]]) -> pl.DataFrame:
    number = pl.Series(np.repeat(np.arange(size.symbols), size.sessions))
    columns = {
        "symbol": pl.Series(names(size)).gather(number),
        "date": pl.concat([pl.Series(days, dtype=pl.Date)] * size.symbols),
        "close": pl.Series(cents.ravel()),
        "currency": pl.Series([currency_of(n) for n in range(size.symbols)]).gather(number),
    }
    hundredth = pl.lit(Decimal("0.01"), dtype=PRICE)
    exact = (pl.col("close").cast(pl.Decimal(20, 0)) * hundredth).cast(PRICE)
    return pl.DataFrame(columns).with_columns(close=exact).select(list(PRICE_SCHEMA))


def _fx(days: list[dt.date], seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed + 1)
    frames = []
    for currency, start in RATES.items():
        path = start * np.exp(np.cumsum(rng.normal(0, 0.004, len(days))))
        rate = pl.Series(np.rint(path * 10_000).astype(np.int64)).cast(pl.Decimal(20, 0))
        frame = pl.DataFrame({"from_currency": "EUR", "to_currency": currency, "date": days, "rate": rate})
        step = pl.lit(Decimal("0.0001"), dtype=FX_RATE)
        frames.append(frame.with_columns(rate=(pl.col("rate") * step).cast(FX_RATE)))
    return pl.concat(frames).select(list(FX_SCHEMA))


def _symbols(size: Size) -> pl.DataFrame:
    rows = [
        dict.fromkeys(SYMBOL_SCHEMA)
        | {"symbol": name, "name": f"Company {number}", "asset_class": "Equity", "status": "active"}
        | {"currency": currency_of(number), "price_unit": currency_of(number)}
        | {"exchange": EXCHANGES[currency_of(number)], "country": COUNTRIES[currency_of(number)]}
        | {"sector": SECTORS[number % len(SECTORS)], "updated_at": dt.datetime.combine(LAST, dt.time(), dt.UTC)}
        for number, name in enumerate(names(size))
    ]
    return pl.DataFrame(rows, schema=SYMBOL_SCHEMA)


def _splits(size: Size, days: list[dt.date]) -> pl.DataFrame:
    found = ((name, split_day(size, number)) for number, name in enumerate(names(size)))
    rows = [(name, days[session], Decimal(2), Decimal(1)) for name, session in found if session is not None]
    return pl.DataFrame(rows, schema=SPLIT_SCHEMA, orient="row")


def _dividends(size: Size, days: list[dt.date]) -> pl.DataFrame:
    rows = [
        (name, day, day + dt.timedelta(days=14), Decimal("0.35"), currency_of(number))
        for number, name in enumerate(names(size))
        if number % PAYS_EVERY == 0
        for day in days[number % QUARTER :: QUARTER]
    ]
    return pl.DataFrame(rows, schema=DIVIDEND_SCHEMA, orient="row")


def market(size: Size, *, seed: int = 7) -> MarketFrames:
    """Return closes, rates, splits, dividends, master and sessions of every symbol."""
    days = sessions(size)
    calendars = [pl.DataFrame({"exchange": exchange, "date": days}) for exchange in EXCHANGES.values()]
    return MarketFrames(
        prices=_prices(size, days, closes(size, seed)),
        fx=_fx(days, seed),
        splits=_splits(size, days),
        dividends=_dividends(size, days),
        symbols=_symbols(size),
        sessions=pl.concat(calendars),
    )


class _Person:
    """Somebody who trades at random, and never sells what they do not hold or spends what they do not have."""

    def __init__(self, size: Size, seed: int) -> None:
        self._size, self._rng = size, np.random.default_rng(seed + 2)
        self._cents = closes(size, seed)
        self._units = np.zeros(size.symbols, dtype=np.int64)
        self._cash = dict.fromkeys(CURRENCIES, size.opening_cash)

    def opening(self) -> Iterator[dict[str, Any]]:
        """Yield the deposits that everything is paid from."""
        for currency in CURRENCIES:
            yield {"type": "DEPOSIT", "account": currency, "currency": currency, "amount": self._size.opening_cash}

    def split(self, number: int) -> None:
        """Count the units of a symbol double."""
        self._units[number] *= 2

    def act(self, session: int) -> dict[str, Any]:
        """Return one transaction of that session."""
        kind = str(self._rng.choice(KINDS, p=SHARES))
        held = np.flatnonzero(self._units)
        if kind in {"SELL", "DIVIDEND"} and not len(held):
            kind = "BUY"
        if kind in {"BUY", "SELL", "DIVIDEND"}:
            number = int(self._rng.integers(self._size.symbols) if kind == "BUY" else self._rng.choice(held))
            return self._about(kind, number, Decimal(int(self._cents[number, session])) / 100)
        return self._plain(kind)

    def _about(self, kind: str, number: int, price: Decimal) -> dict[str, Any]:
        currency = currency_of(number)
        row = {"type": kind, "account": currency, "currency": currency, "symbol": f"S{number:04}"}
        if kind == "DIVIDEND":
            amount = Decimal(int(self._units[number])) * Decimal("0.35")
            tax = (amount * Decimal("0.15")).quantize(Decimal("0.01"))
            self._cash[currency] += amount - tax
            return row | {"amount": amount, "tax": tax}
        most = int(self._units[number])
        units = int(self._rng.integers(1, 200)) if kind == "BUY" else int(self._rng.integers(1, most + 1))
        amount, fee = units * price, Decimal("4.95")
        self._units[number] += units if kind == "BUY" else -units
        self._cash[currency] += (-amount if kind == "BUY" else amount) - fee
        return row | {"quantity": Decimal(units), "price": price, "amount": amount, "fee": fee}

    def _plain(self, kind: str) -> dict[str, Any]:
        currency = CURRENCIES[int(self._rng.integers(len(CURRENCIES)))]
        amount = Decimal(int(self._rng.integers(10, 5_000)))
        self._cash[currency] += amount if kind in {"DEPOSIT", "INTEREST"} else -amount
        return {"type": kind, "account": currency, "currency": currency, "amount": amount}

    def is_solvent(self) -> bool:
        """Whether no account is overdrawn."""
        return min(self._cash.values()) >= 0


def _story(size: Size, seed: int) -> Iterator[dict[str, Any]]:
    days, person = sessions(size), _Person(size, seed)
    splitting: dict[int, list[int]] = {}
    for number in range(size.symbols):
        if (session := split_day(size, number)) is not None:
            splitting.setdefault(session, []).append(number)
    for row in person.opening():
        yield row | {"date": days[0]}
    rng = np.random.default_rng(seed + 3)
    per_session = np.bincount(rng.integers(0, len(days), size.transactions - len(CURRENCIES)), minlength=len(days))
    for session, count in enumerate(per_session):
        for number in splitting.get(session, []):
            person.split(number)
        for _ in range(count):
            yield person.act(session) | {"date": days[session]}
        if not person.is_solvent():
            message = f"the ledger of {size} spends more than it has: raise CASH_A_TRANSACTION"
            raise ValueError(message)


def ledger(size: Size, *, seed: int = 7) -> LedgerFrames:
    """Return a ledger over `market` of the same size and seed, with an account a currency, all keeping cash."""
    empty = dict.fromkeys(TRANSACTION_SCHEMA) | {"fee": Decimal(0), "tax": Decimal(0)}
    rows = [
        empty | row | {"transaction_id": f"t{sequence}", "sequence": sequence}
        for sequence, row in enumerate(_story(size, seed), start=1)
    ]
    accounts = [(currency, currency, True, False) for currency in CURRENCIES]
    return LedgerFrames(
        transactions=pl.DataFrame(rows, schema=TRANSACTION_SCHEMA),
        accounts=pl.DataFrame(accounts, schema=ACCOUNT_SCHEMA, orient="row"),
        benchmark="S0001",
    )
