"""Judgement of market rows as they were fetched, before anything is written.

Belongs here: screens, each a pure function in a module of its own, and the one call that runs them all. Does not: what
is done with their findings, facts that every stored row must hold to (`pipelines.quality.rules`), clock, network,
storage.
"""

import datetime as dt
from dataclasses import replace

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.adjustments import screen_adjustments
from pipelines.quality.screens.bars import screen_bars
from pipelines.quality.screens.beside import screen_another, screen_paid
from pipelines.quality.screens.breaks import breaks
from pipelines.quality.screens.calendars import GONE_QUIET, screen_calendar
from pipelines.quality.screens.conversion import Conversion, screen_conversion
from pipelines.quality.screens.dividends import screen_dividends, screen_withdrawn
from pipelines.quality.screens.inverted import screen_inverted
from pipelines.quality.screens.levels import levels
from pipelines.quality.screens.other_rates import screen_other_rates
from pipelines.quality.screens.payouts import payouts
from pipelines.quality.screens.providers import screen_providers
from pipelines.quality.screens.rates import screen_rates
from pipelines.quality.screens.repeated import screen_repeated
from pipelines.quality.screens.restated import screen_currency, screen_restated
from pipelines.quality.screens.retold import screen_retold
from pipelines.quality.screens.retold_rates import screen_retold_rates
from pipelines.quality.screens.rows import screen_rows
from pipelines.quality.screens.shape import Fetched, Known, told_already
from pipelines.quality.screens.splits import TAKING_BACK, coming_or_going, disbelieved, screen_splits
from pipelines.quality.screens.stretches import screen_stretches
from pipelines.quality.screens.told_splits import told_splits

__all__ = ["TAKING_BACK", "Fetched", "Known", "screen"]

_ROW = ["table_name", "about", "date"]
_LASTING = (*TAKING_BACK, GONE_QUIET)
"""What is news also where it is found of a row that is told just as it is stored: what takes a stored split back, and
that nothing has come since a stored price."""


def screen(fetched: Fetched, known: Known, *, today: dt.date) -> pl.DataFrame:
    """Return what is not to be believed of a fetch.

    Args:
        fetched: The fetch.
        known: What is stored of the same symbols and currencies.
        today: The clock's day.

    Returns:
        Schema ``FINDINGS``, by table, about, date and rule; a fetched row may have several.
    """
    fetched, known = fetched.conformed(), known.conformed()
    found = [screen_rows(fetched, today=today), screen_providers(fetched, known)]
    # Most fetches are of instruments or of rates alone.
    if fetched.rates.height:
        found.append(_of_rates(fetched, known))
    if any(one.height for one in (fetched.prices, fetched.dividends, fetched.splits, fetched.quotes)):
        found.append(_of_instruments(fetched, known, today))
    every, lasting = pl.concat(found), pl.col("rule").is_in(_LASTING)
    news = pl.concat([_news(every.filter(~lasting), fetched, known), every.filter(lasting)])
    return news.sort("table_name", "about", "date", "rule", "column", maintain_order=True)


def _of_rates(fetched: Fetched, known: Known) -> pl.DataFrame:
    leaping = screen_rates(fetched, known)
    inverted = screen_inverted(fetched, known).join(leaping.filter("held"), on=_ROW, how="anti")
    off = pl.concat([leaping, inverted])
    of_another = screen_other_rates(fetched, known).join(off.filter("held"), on=_ROW, how="anti")
    return pl.concat([off, of_another, screen_retold_rates(fetched, known, off)])


def _of_instruments(fetched: Fetched, known: Known, today: dt.date) -> pl.DataFrame:
    conversion = Conversion.of(fetched, known)
    in_prices = (
        replace(fetched, dividends=conversion.in_price_currency(fetched.dividends)),
        replace(known, dividends=conversion.in_price_currency(known.dividends)),
    )
    told = told_splits(*in_prices)
    doubted = disbelieved(told)
    splits = told.join(doubted, on=["symbol", "ex_date"], how="anti", maintain_order="left")
    series = levels(*in_prices, splits)
    restated = screen_restated(fetched, known)
    steps = levels(_less(in_prices[0], restated), in_prices[1], splits) if restated.height else series
    off = screen_stretches(fetched, known, steps, breaks(steps, splits))
    of_splits = screen_splits(fetched, known, told, doubted)
    return pl.concat(
        [
            # Where the close is in another unit, the rest of the bar is not.
            screen_bars(fetched.prices).join(off, on=["table_name", "about", "date", "rule"], how="anti"),
            of_splits,
            restated,
            off,
            screen_paid(fetched, pl.concat([restated, off])),
            screen_another(fetched, known, restated),
            screen_retold(fetched, known, pl.concat([restated, off]), coming_or_going(told, of_splits)),
            _of_dividends(fetched, known, series, splits, conversion, today),
            screen_withdrawn(fetched, known),
            screen_adjustments(fetched, series),
            screen_currency(fetched, known),
            screen_calendar(series, known, today=today),
        ]
    )


def _of_dividends(
    fetched: Fetched,
    known: Known,
    series: pl.DataFrame,
    splits: pl.DataFrame,
    conversion: Conversion,
    today: dt.date,
) -> pl.DataFrame:
    if fetched.dividends.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    paid = payouts(fetched, known, series, splits, conversion)
    stored = conversion.worths(known.dividends)
    of_stored = screen_dividends(paid, stored, splits, known.revised_dividends, today=today)
    return pl.concat([screen_conversion(paid), of_stored, screen_repeated(paid)])


def _less(fetched: Fetched, restated: pl.DataFrame) -> Fetched:
    """Return a fetch without the prices of a series in other units: their steps are not the market's."""
    days = restated.select(symbol="about", date="date")
    return replace(fetched, prices=fetched.prices.join(days, on=["symbol", "date"], how="anti", maintain_order="left"))


def _news(found: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return the findings but for those of rows that are stored just so: they were judged when they were stored."""
    if found.is_empty():
        return found
    return found.join(told_already(found, fetched, known), on=_ROW, how="anti")
