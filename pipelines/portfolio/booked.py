"""A ledger booked up to a date, with everything needed to look at it.

Belongs here: from frames to books, opening, positions and sums. Does not: rows of the document (`complete`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.portfolio.booking.booker import Booker
from pipelines.portfolio.booking.books import AccountRules, Books, Income, Split, of_account
from pipelines.portfolio.booking.corporate import is_known_split
from pipelines.portfolio.errors import UnknownAccountError
from pipelines.portfolio.exact import integers
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.holdings import CashBalance, Disposal, Position, cash_at, disposal, positions_at
from pipelines.portfolio.models import CostMethod
from pipelines.portfolio.opening import Opening, reopen
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.summary import Totals, totals
from pipelines.portfolio.transactions import Kind, Transaction, transactions_of

_CASH_KINDS = {Kind.DEPOSIT, Kind.WITHDRAWAL}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a ledger.

    Args:
        as_of: Valuation date.
        base: Base currency.
        method: Cost method.
        since: The period opens at the close of this day; None for everything.
        account: One account alone; None for all.
        keep_entries: Whether to note what each transaction moved.
        risk_free: A year.
    """

    as_of: dt.date
    base: str
    method: CostMethod
    since: dt.date | None = None
    account: str | None = None
    keep_entries: bool = False
    risk_free: float = 0.0


@dataclass(frozen=True, slots=True)
class Booked:
    """The books at the valuation date, valued.

    ``books`` are those of what is asked for, ``whole`` those of all accounts; ``earlier`` is the income of all accounts
    before the period.
    """

    asked: Question
    books: Books
    whole: Books
    earlier: list[Income]
    transactions: list[Transaction]
    ignored: int
    positions: list[Position]
    disposals: list[Disposal]
    cash: list[CashBalance]
    sums: Totals
    opening: Opening | None
    currencies: dict[str, str]
    splits: list[Split]
    benchmark: str | None
    prices: PriceBook
    fx: FxBook

    @property
    def first_day(self) -> dt.date:
        """Return the day on which the view begins."""
        if self.asked.since is not None:
            return self.asked.since
        return self.transactions[0].date if self.transactions else self.asked.as_of


def booked(ledger: LedgerFrames, market: MarketFrames, asked: Question) -> Booked:
    """Book a ledger up to the valuation date and value what it holds.

    Raises:
        UnknownAccountError: If the account that is asked for does not occur.
        OversoldError: If more is disposed of than is held.
        InvalidTransactionError: If a row lacks what its type needs.
    """
    return _looked_at(desk_of(ledger, market, asked))


def desk_of(ledger: LedgerFrames, market: MarketFrames, asked: Question) -> "Desk":
    """Return everything that a ledger is booked with, and its transactions up to the valuation date.

    Raises:
        UnknownAccountError: If the account that is asked for does not occur.
        InvalidTransactionError: If a row lacks what its type needs.
    """
    everything = transactions_of(ledger.transactions)
    transactions = [item for item in everything if item.date <= asked.as_of]
    rules = account_rules(ledger.accounts, transactions, asked.base)
    if asked.account is not None and asked.account not in rules:
        raise UnknownAccountError(asked.account, sorted(rules))
    symbols = {item.symbol for item in transactions if item.symbol}
    symbols |= {item.to_symbol for item in transactions if item.to_symbol}
    fx = FxBook(market.fx)
    priced = symbols | ({ledger.benchmark} if ledger.benchmark else set())
    splits = market_splits(market.splits, priced, asked.as_of)
    every_split = [*splits, *stated_splits(transactions, splits)]
    prices = PriceBook(market, priced, asked.as_of, every_split)
    booker = Booker(
        fx=fx,
        prices=prices,
        base=asked.base,
        method=asked.method,
        accounts=rules,
        splits=splits,
        account=asked.account,
        keep_entries=asked.keep_entries,
    )
    ignored = len(everything) - len(transactions)
    return Desk(booker, prices, fx, asked, every_split, ledger.benchmark, transactions, ignored)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a ledger is booked with."""

    booker: Booker
    prices: PriceBook
    fx: FxBook
    asked: Question
    splits: list[Split]
    benchmark: str | None
    transactions: list[Transaction]
    ignored: int

    def books(self) -> Books:
        """Return the books of what is asked for."""
        account = self.asked.account
        return self.booker.books if account is None else of_account(self.booker.books, account)

    def positions(self, books: Books, day: dt.date) -> list[Position]:
        """Return what books hold at the close of a day."""
        currencies = self.booker.currencies()
        return positions_at(books, currencies=currencies, prices=self.prices, fx=self.fx, base=self.asked.base, day=day)

    def cash(self, books: Books, day: dt.date) -> list[CashBalance]:
        """Return the cash of books at the close of a day."""
        return cash_at(books, self.fx, self.asked.base, day)

    def open(self) -> tuple[Opening | None, list[Income]]:
        """Book up to the start of the period and start its sums.

        Returns:
            The opening and the income before it; None and nothing where the view has no start.
        """
        since = self.asked.since
        if since is None:
            return None, []
        self.booker.book(item for item in self.transactions if item.date <= since)
        self.booker.split_until(since)
        self.booker.finish()
        everything = self.booker.books
        positions, cash, earlier = self.positions(everything, since), self.cash(everything, since), everything.income
        opening = reopen(everything, since, positions, cash, account=self.asked.account)
        self.booker.revalued()
        return opening, earlier


def _looked_at(desk: Desk) -> Booked:
    asked, booker, transactions = desk.asked, desk.booker, desk.transactions
    opening, earlier = desk.open()
    booker.book(item for item in transactions if asked.since is None or item.date > asked.since)
    booker.split_until(asked.as_of)
    booker.finish()
    books = desk.books()
    disposals = [disposal(row) for row in books.realized]
    positions, cash = desk.positions(books, asked.as_of), desk.cash(books, asked.as_of)
    return Booked(
        asked=asked,
        books=books,
        whole=booker.books,
        earlier=earlier,
        transactions=[row for row in transactions if asked.account in {None, row.account, row.to_account}],
        ignored=desk.ignored,
        positions=positions,
        disposals=disposals,
        cash=cash,
        sums=totals(books, positions, disposals, cash, opening),
        opening=opening,
        currencies=booker.currencies(),
        splits=desk.splits,
        benchmark=desk.benchmark,
        prices=desk.prices,
        fx=desk.fx,
    )


def stated_splits(transactions: Sequence[Transaction], of_market: Sequence[Split]) -> list[Split]:
    """Return the splits that the ledger states and the market does not have, each once for all accounts.

    A company splits once: what accounts state within a week of each other is the same, and restates a price once.
    """
    found: list[Split] = []
    for item in transactions:
        is_split = item.kind is Kind.SPLIT and item.ratio_new and item.ratio_old
        if is_split and not is_known_split(item, [*of_market, *found]):
            found.append(Split(item.symbol or "", item.date, item.ratio_new or 0, item.ratio_old or 0))
    return found


def account_rules(accounts: pl.DataFrame, transactions: Sequence[Transaction], base: str) -> dict[str, AccountRules]:
    """Return the rules of every account that occurs; one that does not say keeps cash if it has cash movements."""
    moved = {item.account for item in transactions if item.kind in _CASH_KINDS}
    for item in transactions:
        if item.kind is Kind.TRANSFER and item.symbol is None:
            moved |= {item.account, item.to_account or ""}
    named = {item.account for item in transactions} | {item.to_account for item in transactions if item.to_account}
    stated = {row["account"]: row for row in accounts.iter_rows(named=True)}
    rules = {}
    for name in sorted(named | set(stated)):
        row = stated.get(name, {})
        tracks = row.get("tracks_cash")
        rules[name] = AccountRules(
            currency=row.get("currency") or base,
            tracks_cash=name in moved if tracks is None else bool(tracks),
            allow_short=bool(row.get("allow_short")),
        )
    return rules


def market_splits(frame: pl.DataFrame, symbols: set[str], until: dt.date) -> list[Split]:
    """Return the market's splits of the symbols that matter, up to a day; one for one says that there was none."""
    one_for_one = pl.col("ratio_new") == pl.col("ratio_old")
    rows = frame.filter(pl.col("symbol").is_in(list(symbols)) & (pl.col("ex_date") <= until) & ~one_for_one)
    return [
        Split(symbol, day, new or 0, old or 0)
        for symbol, day, new, old in zip(
            rows["symbol"], rows["ex_date"], integers(rows["ratio_new"]), integers(rows["ratio_old"]), strict=True
        )
    ]
