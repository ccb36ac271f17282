"""The complete view of one portfolio at one date: the one entry to the engine (DESIGN 4).

Belongs here: putting the parts together. Does not: any formula.
"""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from pipelines.portfolio.allocation import allocations
from pipelines.portfolio.benchmark import Yardstick, benchmark, worth_of_one
from pipelines.portfolio.booked import Booked, Question, booked
from pipelines.portfolio.collector import collector_paused
from pipelines.portfolio.contribution import contributions
from pipelines.portfolio.dividends import Declared, declared_of
from pipelines.portfolio.errors import EmptyPeriodError
from pipelines.portfolio.exact import Ratio
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.held_back import doubted_splits, held_back
from pipelines.portfolio.holding_rows import holding_rows
from pipelines.portfolio.income import Outlook, income_section, outlook
from pipelines.portfolio.journal_rows import cash_row, journal_row
from pipelines.portfolio.models import (
    Benchmark,
    CompleteView,
    CostMethod,
    Holding,
    Income,
    Performance,
    PerformanceDay,
    Provenance,
    Rows,
)
from pipelines.portfolio.movers import movers
from pipelines.portfolio.notices import notices
from pipelines.portfolio.periods import drawdowns, monthly_returns, periods
from pipelines.portfolio.reasons import reasons
from pipelines.portfolio.risk_section import risk_section
from pipelines.portfolio.series import Final, Series, build_series
from pipelines.portfolio.stated_market import last_stated
from pipelines.portfolio.summary import attribution, completeness, summarise
from pipelines.portfolio.trades import realized_gains, trades


def complete_view(
    ledger: LedgerFrames,
    market: MarketFrames,
    *,
    as_of: dt.date,
    base_currency: str,
    cost_method: CostMethod = CostMethod.FIFO,
    since: dt.date | None = None,
    account: str | None = None,
    include_journal: bool = False,
    include_history: bool = True,
    include_closed: bool = False,
    risk_free: float = 0.0,
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
        account: The one account to look at; transfers are flows at market value then. None for the whole portfolio.
        include_journal: Whether to list every transaction as it was booked, for `explain`.
        include_history: Whether to compute the daily series, and with it returns, periods and benchmark.
        include_closed: Whether holdings without units are listed.
        risk_free: Rate a year that Sharpe, Sortino, omega and alpha have to beat.
        provenance: Where the frames come from, for the document.

    Raises:
        EmptyPeriodError: If the period opens on or after ``as_of``.
        UnknownAccountError: If the account does not occur.
        OversoldError: If more is disposed of than is held, in an account that may not be short.
        InvalidTransactionError: If a row lacks what its type needs.
    """
    started = time.perf_counter()
    if since is not None and since >= as_of:
        raise EmptyPeriodError(since, as_of)
    asked = Question(as_of, base_currency, cost_method, since, account, include_journal, risk_free)
    with collector_paused():
        document = _computed(ledger, market, asked, include_history=include_history, include_closed=include_closed)
    origin = provenance or Provenance(engine_version=version("folioduck"))
    told = {
        "timings": {**origin.timings, "complete_view": time.perf_counter() - started},
        "stated_closes": last_stated(ledger.prices, as_of),
    }
    return document.model_copy(update={"provenance": origin.model_copy(update=told)})


def _computed(
    ledger: LedgerFrames, market: MarketFrames, asked: Question, *, include_history: bool, include_closed: bool
) -> CompleteView:
    """Return the document; what it was computed from is gone by then, and the collector need not walk through it."""
    book = booked(ledger, market, asked)
    series = series_of(book) if include_history else None
    return _document(book, series, ledger, market, include_closed=include_closed)


def series_of(book: Booked) -> Series:
    """Return the daily series of a booked ledger."""
    return build_series(
        book.books,
        first=book.first_day,
        opening=book.opening,
        final=Final(book.asked.as_of, book.sums.value, book.sums.cash),
        prices=book.prices,
        fx=book.fx,
        base=book.asked.base,
        currencies=book.currencies,
        event_days=[item.date for item in book.transactions],
    )


def _document(
    book: Booked, series: Series | None, ledger: LedgerFrames, market: MarketFrames, *, include_closed: bool
) -> CompleteView:
    asked, books, sums = book.asked, book.books, book.sums
    declared = declared_of(market.dividends, {*book.currencies, *filter(None, [ledger.benchmark])})
    worths = _worths(book, series, ledger.benchmark, declared)
    summary = summarise(sums, series, as_of=asked.as_of, opening=book.opening)
    holdings = holding_rows(book, series, include_closed=include_closed)
    found = notices(book, series, ledger.accounts, rate=summary.xirr)
    found += held_back(book.positions, book.cash, market.held, as_of=asked.as_of, base=asked.base)
    found += doubted_splits(book.positions, ledger.transactions, market, as_of=asked.as_of)
    found += reasons(book, series, summary=summary, holdings=holdings, worths=worths)
    return CompleteView(
        as_of=asked.as_of,
        since=asked.since,
        base_currency=asked.base,
        cost_method=asked.method,
        account=asked.account,
        warnings=[*books.warnings, *found],
        provenance=Provenance(engine_version=""),
        completeness=completeness(book.positions, book.cash, sums, book.ignored),
        summary=summary,
        holdings=Rows.of(Holding, holdings),
        realized_gains=realized_gains(book.disposals),
        trades=trades(books.realized, book.positions, asked.as_of, asked.since),
        income=_income(book, _outlook(book, ledger, declared)),
        performance=_performance(book, series),
        risk=risk_section(series, book.positions, worths, as_of=asked.as_of, risk_free=asked.risk_free)
        if series
        else None,
        allocations=allocations(book.positions, book.cash, book.prices, ledger.targets),
        benchmark=_benchmark(book, series, ledger.benchmark, worths),
        cash=[cash_row(balance) for balance in book.cash],
        journal=[journal_row(entry) for entry in books.entries] if asked.keep_entries else None,
    )


def _income(book: Booked, outlook: Outlook) -> Income:
    account = book.asked.account
    earlier = [row for row in book.earlier if account in {None, row.transaction.account}]
    return income_section(book.books.income, earlier, book.positions, outlook, book.asked.as_of)


def _outlook(book: Booked, ledger: LedgerFrames, declared: Mapping[str, Sequence[Declared]]) -> Outlook:
    asked = book.asked
    return outlook(
        [*book.earlier, *book.whole.income],
        book.whole.steps,
        book.positions,
        book.splits,
        ledger=ledger,
        declared=declared,
        fx=book.fx,
        base=asked.base,
        as_of=asked.as_of,
        since=asked.since,
        account=asked.account,
    )


def _performance(book: Booked, series: Series | None) -> Performance | None:
    if series is None:
        return None
    return Performance(
        daily=_daily(series),
        periods=periods(series, book.books.income, book.asked.as_of, opened=book.opening is not None),
        attribution=attribution(book.sums),
        monthly=monthly_returns(series, opened=book.opening is not None),
        drawdowns=drawdowns(series),
        contributions=contributions(series, opened=book.opening is not None),
        movers=movers(series, book.asked.as_of),
    )


def _daily(series: Series) -> Rows[PerformanceDay]:
    days = series.days
    return Rows(
        PerformanceDay,
        {
            "date": series.returns["date"],
            "value": [day.value for day in days],
            "flow_in": [day.flow_in for day in days],
            "flow_out": [day.flow_out for day in days],
            "day_return": series.returns["day_return"],
            "growth": series.returns["growth"],
            "covered": [day.covered for day in days],
            "priced": series.priced,
            "chained": (~series.between[: len(days)]).tolist(),
        },
    )


def _worths(
    book: Booked, series: Series | None, symbol: str | None, declared: Mapping[str, Sequence[Declared]]
) -> list[Ratio | None] | None:
    """Return what one unit of the benchmark is worth on each day of the series; None without either."""
    if series is None or symbol is None or not series.days:
        return None
    yardstick = Yardstick(
        symbol=symbol,
        prices=book.prices,
        fx=book.fx,
        base=book.asked.base,
        splits=[split for split in book.splits if split.symbol == symbol],
        dividends=declared.get(symbol, ()),
    )
    return worth_of_one(yardstick, [day.date for day in series.days])


def _benchmark(
    book: Booked, series: Series | None, symbol: str | None, worths: list[Ratio | None] | None
) -> Benchmark | None:
    if series is None or symbol is None or worths is None:
        return None
    opening = book.opening.value if book.opening else None
    return benchmark(symbol, series.days, worths, opening=opening, as_of=book.asked.as_of)
