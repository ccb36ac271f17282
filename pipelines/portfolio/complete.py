"""The complete view of one portfolio at one date: the one entry to the engine (DESIGN 4).

Belongs here: putting the parts together. Does not: any formula.
"""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise

import polars as pl

from pipelines.portfolio import lots
from pipelines.portfolio.allocation import allocations
from pipelines.portfolio.benchmark import benchmark
from pipelines.portfolio.booking import AccountRules, Booker, Books, Realized, Split, Tally
from pipelines.portfolio.exact import integers, minus, money, quantity, rate_decimal
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.holdings import (
    CashBalance,
    Position,
    cash_at,
    position_effects,
    positions_at,
    total_gain,
)
from pipelines.portfolio.income import income_section
from pipelines.portfolio.models import (
    Benchmark,
    CompleteView,
    CostMethod,
    Holding,
    Lot,
    Performance,
    PerformanceDay,
    Provenance,
    Status,
    Warning_,
)
from pipelines.portfolio.opening import Opening, reopen
from pipelines.portfolio.periods import dated_flows, drawdowns, monthly_returns, periods
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.returns import xirr, xirr_roots
from pipelines.portfolio.series import Final, Series, build_series, holding_returns
from pipelines.portfolio.summary import Totals, attribution, completeness, summarise, totals
from pipelines.portfolio.trades import closed_trades, open_trades, realized_gain
from pipelines.portfolio.transactions import Kind, Transaction, transactions_of

_CASH_KINDS = {Kind.DEPOSIT, Kind.WITHDRAWAL}


def complete_view(
    ledger: LedgerFrames,
    market: MarketFrames,
    *,
    as_of: dt.date,
    base_currency: str,
    cost_method: CostMethod = CostMethod.FIFO,
    since: dt.date | None = None,
    include_history: bool = True,
    include_closed: bool = False,
    provenance: Provenance | None = None,
) -> CompleteView:
    """Compute everything about one portfolio at one date.

    Args:
        ledger: Transactions and accounts, in any order; rows after ``as_of`` are ignored and counted.
        market: Prices, rates, splits and master as known.
        as_of: Valuation date.
        base_currency: Currency of every ``_base`` figure.
        cost_method: Which lots a disposal closes.
        since: The view's period starts at the close of this day; None for everything since the first transaction.
        include_history: Whether to compute the daily series, and with it returns, periods and benchmark.
        include_closed: Whether holdings without units are listed.
        provenance: Where the frames come from, for the document.

    Raises:
        OversoldError: If more is disposed of than is held, in an account that may not be short.
        InvalidTransactionError: If a row lacks what its type needs.
    """
    started = time.perf_counter()
    book = _booked(ledger, market, as_of=as_of, base=base_currency, method=cost_method, since=since)
    series = _series(book) if include_history else None
    document = _document(book, series, ledger, cost_method=cost_method, include_closed=include_closed)
    origin = provenance or Provenance(engine_version=version("folioduck"))
    timings = {**origin.timings, "complete_view": time.perf_counter() - started}
    return document.model_copy(update={"provenance": origin.model_copy(update={"timings": timings})})


@dataclass(frozen=True, slots=True)
class _Book:
    """The books at the valuation date with everything needed to look at them."""

    books: Books
    transactions: list[Transaction]
    ignored: int
    positions: list[Position]
    cash: list[CashBalance]
    sums: Totals
    opening: Opening | None
    currencies: dict[str, str]
    prices: PriceBook
    fx: FxBook
    base: str
    as_of: dt.date
    since: dt.date | None


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
    """Return the market's splits of the symbols that matter, up to a day."""
    rows = frame.filter(pl.col("symbol").is_in(list(symbols)) & (pl.col("ex_date") <= until))
    return [
        Split(symbol, day, new or 0, old or 0)
        for symbol, day, new, old in zip(
            rows["symbol"], rows["ex_date"], integers(rows["ratio_new"]), integers(rows["ratio_old"]), strict=True
        )
    ]


def _booked(
    ledger: LedgerFrames, market: MarketFrames, *, as_of: dt.date, base: str, method: CostMethod, since: dt.date | None
) -> _Book:
    everything = transactions_of(ledger.transactions)
    transactions = [item for item in everything if item.date <= as_of]
    symbols = {item.symbol for item in transactions if item.symbol}
    symbols |= {item.to_symbol for item in transactions if item.to_symbol}
    fx = FxBook(market.fx)
    prices = PriceBook(market, symbols | ({ledger.benchmark} if ledger.benchmark else set()), as_of)
    booker = Booker(
        fx=fx,
        prices=prices,
        base=base,
        method=method,
        accounts=account_rules(ledger.accounts, everything, base),
        splits=market_splits(market.splits, symbols, as_of),
    )
    opening = _open(booker, transactions, prices, fx, base, since)
    booker.book(item for item in transactions if since is None or item.date > since)
    booker.split_until(as_of)
    booker.finish()
    currencies = booker.currencies()
    positions = positions_at(booker.books, currencies=currencies, prices=prices, fx=fx, base=base, day=as_of)
    cash = cash_at(booker.books, fx, base, as_of)
    return _Book(
        books=booker.books,
        transactions=transactions,
        ignored=len(everything) - len(transactions),
        positions=positions,
        cash=cash,
        sums=totals(booker.books, positions, cash, opening),
        opening=opening,
        currencies=currencies,
        prices=prices,
        fx=fx,
        base=base,
        as_of=as_of,
        since=since,
    )


def _open(
    booker: Booker,
    transactions: Sequence[Transaction],
    prices: PriceBook,
    fx: FxBook,
    base: str,
    since: dt.date | None,
) -> Opening | None:
    if since is None:
        return None
    booker.book(item for item in transactions if item.date <= since)
    booker.split_until(since)
    booker.finish()
    positions = positions_at(booker.books, currencies=booker.currencies(), prices=prices, fx=fx, base=base, day=since)
    return reopen(booker.books, since, positions, cash_at(booker.books, fx, base, since))


def _series(book: _Book) -> Series:
    first = book.since or (book.transactions[0].date if book.transactions else book.as_of)
    return build_series(
        book.books,
        first=first,
        opening=book.opening,
        final=Final(book.as_of, book.sums.value, book.sums.cash),
        prices=book.prices,
        fx=book.fx,
        base=book.base,
        currencies=book.currencies,
        event_days=[item.date for item in book.transactions],
    )


def _document(
    book: _Book, series: Series | None, ledger: LedgerFrames, *, cost_method: CostMethod, include_closed: bool
) -> CompleteView:
    books, sums = book.books, book.sums
    return CompleteView(
        as_of=book.as_of,
        since=book.since,
        base_currency=book.base,
        cost_method=cost_method,
        warnings=[*books.warnings, *_warnings(book, series)],
        provenance=Provenance(engine_version=""),
        completeness=completeness(book.positions, book.cash, sums, book.ignored),
        summary=summarise(sums, books, series, as_of=book.as_of, opening=book.opening),
        holdings=_holdings(book, series, include_closed=include_closed),
        realized_gains=[realized_gain(row) for row in books.realized],
        trades=[*closed_trades(books.realized), *open_trades(book.positions, book.as_of)],
        income=income_section(books.income, book.positions, book.as_of),
        performance=_performance(book, series),
        risk=None,
        allocations=allocations(book.positions, book.cash, book.prices, ledger.targets),
        benchmark=_benchmark(book, series, ledger.benchmark),
    )


def _holdings(book: _Book, series: Series | None, *, include_closed: bool) -> list[Holding]:
    by_key: dict[tuple[str, str], list[Realized]] = {}
    for row in book.books.realized:
        by_key.setdefault(row.key, []).append(row)
    first = book.since or (book.transactions[0].date if book.transactions else book.as_of)
    flows = book.books.holding_flows
    returns = holding_returns(series, flows, first=first) if series else {}
    rows = []
    for position in book.positions:
        if position.is_open or include_closed:
            tally = book.books.tallies.get(position.key) or Tally()
            twr, untaxed = returns.get(position.key, (None, None))
            rows.append(_holding(book, position, tally, by_key.get(position.key, []), twr, untaxed))
    return rows


def _holding(
    book: _Book,
    position: Position,
    tally: Tally,
    realized: list[Realized],
    twr: float | None,
    untaxed: float | None,
) -> Holding:
    parts = position_effects(position)
    gain = total_gain(position, tally, realized)
    whole, value = book.sums.known_value, position.value_base
    done = sum(minus(row.proceeds.base, row.cost.base) or 0 for row in realized)
    known = all(minus(row.proceeds.base, row.cost.base) is not None for row in realized)
    return Holding(
        symbol=position.key[1],
        account=position.key[0],
        currency=position.currency,
        quantity=quantity(position.units),
        average_price=money(position.average_price),
        price=money(position.quote.price),
        price_date=position.quote.date,
        price_status=position.quote.status,
        fx_rate=rate_decimal(position.fx.ratio),
        fx_date=position.fx.date,
        fx_status=position.fx.status,
        cost_local=money(position.costs.local),
        cost_base=money(position.costs.base),
        cost_excluding_fees_and_taxes_base=money(position.costs.base_excluding),
        value_local=money(position.value_local),
        value_base=money(value),
        unrealized_gain_local=money(position.unrealized_local),
        unrealized_gain_base=money(parts.gain),
        price_effect_base=money(parts.price),
        fx_effect_base=money(parts.fx),
        realized_gain_base=money(done) if known else None,
        purchases_base=money(tally.purchases),
        proceeds_base=money(tally.proceeds),
        income_base=money(tally.income),
        fees_base=money(tally.fees),
        taxes_base=money(tally.taxes),
        total_gain_base=money(gain),
        gain_on_purchases=gain / tally.purchases if gain is not None and tally.purchases else None,
        weight=value / whole if value is not None and whole > 0 else None,
        twr=twr,
        twr_before_tax=untaxed,
        xirr=_holding_xirr(book, position, before_tax=False),
        xirr_before_tax=_holding_xirr(book, position, before_tax=True),
        lots=[_lot(lot, book.as_of) for lot in position.lots],
    )


def _holding_xirr(book: _Book, position: Position, *, before_tax: bool) -> float | None:
    if position.value_base is None:
        return None
    dates, amounts = [book.as_of], [position.value_base / 1e8]
    for flow in book.books.holding_flows.get(position.key, []):
        amount = minus(flow.amount, flow.tax) if before_tax else flow.amount
        if amount is None:
            return None
        dates.append(flow.date)
        amounts.append(-amount / 1e8)
    return xirr(dates, amounts).rate


def _lot(lot: lots.Lot, as_of: dt.date) -> Lot:
    costs = lot.open_costs
    return Lot.model_construct(
        bought_on=lot.bought_on,
        quantity=quantity(lot.open_units),
        cost_local=money(costs.local),
        cost_base=money(costs.base),
        days_held=(as_of - lot.bought_on).days,
        transaction_id=lot.lot_id,
    )


def _performance(book: _Book, series: Series | None) -> Performance | None:
    if series is None:
        return None
    changes = zip(series.returns["day_return"].to_list(), series.returns["growth"].to_list(), strict=True)
    return Performance(
        daily=[
            PerformanceDay.model_construct(
                date=day.date,
                value=money(day.value),
                flow_in=money(day.flow_in),
                flow_out=money(day.flow_out),
                day_return=change,
                growth=growth,
                covered=day.covered,
            )
            for day, (change, growth) in zip(series.days, changes, strict=True)
        ],
        periods=periods(series, book.books.income, book.as_of, opened=book.opening is not None),
        attribution=attribution(book.sums, book.books),
        monthly=monthly_returns(series),
        drawdowns=drawdowns(series),
    )


def _benchmark(book: _Book, series: Series | None, symbol: str | None) -> Benchmark | None:
    if series is None or symbol is None or not series.days:
        return None
    opening = book.opening.value if book.opening else None
    return benchmark(symbol, series.days, prices=book.prices, fx=book.fx, base=book.base, opening=opening)


def _warnings(book: _Book, series: Series | None) -> list[Warning_]:
    found = []
    for position in book.positions:
        if position.is_open and position.quote.status is Status.MISSING:
            found.append(
                _missing("price_missing", f"no price of {position.key[1]} on or before {book.as_of}", position)
            )
        elif position.is_open and position.fx.status is Status.MISSING:
            text = f"no rate {position.currency}/{book.base} on or before {book.as_of}"
            found.append(_missing("fx_missing", text, position))
    if book.ignored:
        text = f"{book.ignored} transactions after {book.as_of} are not counted"
        found.append(Warning_(code="future_rows_ignored", message=text, data={"rows": book.ignored}))
    return [*found, *_xirr_warnings(book, series)]


def _missing(code: str, message: str, position: Position) -> Warning_:
    return Warning_(code=code, message=message, data={"symbol": position.key[1], "account": position.key[0]})


def _turns(flows: Sequence[tuple[dt.date, float]]) -> int:
    """Return how often dated flows change sign; up to once there is one rate at most."""
    signs = [amount > 0 for _, amount in sorted(flows)]
    return sum(before != after for before, after in pairwise(signs))


def _xirr_warnings(book: _Book, series: Series | None) -> list[Warning_]:
    if series is None or not series.days:
        return []
    flows = dated_flows(series.days, 0 if book.opening else -1, len(series.days) - 1)
    if flows is None:
        return []
    days, amounts = [day for day, _ in flows], [amount for _, amount in flows]
    found = xirr(days, amounts)
    if found.rate is None:
        return [Warning_(code=f"xirr_{found.reason}", message="the flows have no money-weighted return", data={})]
    roots = xirr_roots(days, amounts) if _turns(flows) > 1 else ()
    if len(roots) > 1:
        return [Warning_(code="xirr_several_roots", message="several rates fit the flows", data={"roots": list(roots)})]
    return []
