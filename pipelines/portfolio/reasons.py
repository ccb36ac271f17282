"""Why a return is null although what is held has a value today (CALCULATIONS 5, 7, 10).

Belongs here: a warning for each return that the view leaves empty because of an earlier day. Does not: prices and rates
that are missing today, and what is to be read with care (`notices`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from pipelines.portfolio.booked import Booked
from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.exact import Ratio
from pipelines.portfolio.models import Holding, Summary, Warning_
from pipelines.portfolio.series import Series


def reasons(
    book: Booked,
    series: Series | None,
    *,
    summary: Summary,
    holdings: Sequence[Holding],
    worths: Sequence[Ratio | None] | None,
) -> list[Warning_]:
    """Return why returns of the view, of its holdings or of its benchmark are null.

    Args:
        book: The ledger, booked.
        series: None where it is left out: then nothing is missing.
        summary: Of the view.
        holdings: Those that are listed.
        worths: What one unit of the benchmark is worth on each day of the series; None without a benchmark.
    """
    if series is None or not series.days:
        return []
    return [
        *_opening(book),
        *_benchmark(book, series, worths),
        *_simple_return(book, series, summary),
        *_holdings(book, holdings),
    ]


def _opening(book: Booked) -> Iterator[Warning_]:
    """Say that a period begins on a day without a value."""
    if book.opening is not None and book.opening.value is None:
        day = book.opening.date
        text = f"what was held at the close of {day} has no value there: no return begins on it"
        yield Warning_(code="opening_without_value", message=text, data={"date": day.isoformat()})


def _benchmark(book: Booked, series: Series, worths: Sequence[Ratio | None] | None) -> Iterator[Warning_]:
    """Say on which day the benchmark could not be bought; one that is not known at all is said elsewhere."""
    symbol = book.benchmark
    currency = book.prices.currency(symbol) if symbol is not None else None
    if symbol is None or currency is None or worths is None or None not in worths:
        return
    day = series.days[worths.index(None)].date
    if book.prices.close(symbol, day) is None:
        code, what = "benchmark_price_missing", f"price of the benchmark {symbol}"
    elif book.fx.rate(currency, book.asked.base, day).ratio is None:
        code, what = "benchmark_fx_missing", f"exchange rate of the benchmark {symbol}"
    else:
        code, what = "benchmark_dividend_fx_missing", f"exchange rate of a dividend of the benchmark {symbol}"
    text = f"no {what} on or before {day}: the portfolio's flows cannot be put into it"
    yield Warning_(code=code, message=text, data={"symbol": symbol, "date": day.isoformat()})


def _simple_return(book: Booked, series: Series, summary: Summary) -> Iterator[Warning_]:
    known = book.sums.value is not None and book.sums.opening is not None
    flows = (amount for at in series.moved for amount in (series.days[at].flow_in, series.days[at].flow_out))
    if summary.simple_return is None and known and None not in flows:
        text = "the average capital is not above zero: there is no simple return on it"
        yield Warning_(code="simple_return_without_capital", message=text, data={})


def _holdings(book: Booked, holdings: Sequence[Holding]) -> Iterator[Warning_]:
    """Say why a holding has no time-weighted return; of what is short or has no value now it is said elsewhere."""
    for holding in holdings:
        steps = book.books.steps.get((holding.account, holding.symbol))
        if holding.twr is None and steps and holding.quantity >= 0 and holding.value_base is not None:
            yield _without_twr(book, (holding.account, holding.symbol), holding.currency, steps)


def _without_twr(book: Booked, key: Key, currency: str | None, steps: Sequence[tuple[dt.date, int]]) -> Warning_:
    (account, symbol), first = key, max(steps[0][0], book.first_day)
    if book.prices.close(symbol, first) is None:
        code, text = "twr_before_first_price", f"{symbol} was held on {first}, before its first price"
    elif currency is not None and book.fx.rate(currency, book.asked.base, first).ratio is None:
        code, text = "twr_before_first_rate", f"{symbol} was held on {first}, before the first rate of {currency}"
    elif any(units < 0 for _, units in steps):
        code, text = "twr_while_short", f"{symbol} was short"
    else:
        code, text = "twr_without_value", f"{symbol} was worth nothing, or had flows of unknown worth"
    data = {"symbol": symbol, "account": account, "date": first.isoformat()}
    return Warning_(code=code, message=f"{text}: it has no time-weighted return of its own", data=data)
