"""Dividends that are too large or too small to be true, or no more told.

Belongs here: a dividend beside the price it left, beside the symbol's other dividends, and beside what is stored of it;
and one that is stored and told no more.
Does not: dividends told twice (`repeated`), what the provider's own adjustment says (`adjustments`).
"""

import datetime as dt
import math

import polars as pl

from pipelines.quality.screens.breaks import HUNDRED
from pipelines.quality.screens.payouts import LEAST_HUNDREDTH, MOST_HUNDREDTH
from pipelines.quality.screens.redivided import not_divided, right_now
from pipelines.quality.screens.shape import Fetched, Known, figure, found, percent, text
from warehouse.schema import market

LARGE = 0.20
"""Part of the price from which a dividend is large: a return of capital at best."""
CONFIRMED = 0.5
"""A large dividend is believed if the price fell by this part of it at least."""
SMALL = 0.0003
"""Part of the price below which nobody pays a dividend where prices are in hundredths: it is in the wrong unit."""
IN_HUNDREDTHS = ("GBP", "ILS", "ZAR")
"""Currencies in whose hundredths shares are quoted."""
MARKED = 0.04
"""Part of the price from which a dividend must show in it."""
SHOWN = 0.3
"""It does if the price fell by this part of it at least,"""
STEPS_OF_NOISE = 6.0
"""where it is more than so many times a usual day's move."""
HUNDRED_WITHIN = math.log(4 / 3)
"""How near in logarithms a dividend is to 100 times those before and after it, or a hundredth: real ones vary as much,
but not of both by about 100."""
SAME = math.log(1.02)
"""Nearer than this in logarithms to 100 times a neighbour, it is the neighbour's amount in the other unit. Otherwise
the price must know the difference: a fund's small rest at the end of a year is about a hundredth of its dividends."""
UNITS_WITHIN = math.log(1.25)
"""How near in logarithms a dividend is to its neighbours times a split's ratio."""
NEAR_SPLIT_DAYS = 4
OTHER = math.log(1.19)
"""A stored dividend is corrected by less; by more, one of the two is another dividend or in another unit, such as that
of a split of 6 for 5."""

_DIVIDEND = ["symbol", "ex_date", "kind", "source"]


def screen_dividends(
    payouts: pl.DataFrame, stored: pl.DataFrame, splits: pl.DataFrame, earlier: pl.DataFrame, *, today: dt.date
) -> pl.DataFrame:
    """Return fetched dividends that do not fit price, neighbours or what is stored.

    Args:
        payouts: Of `payouts.payouts`.
        stored: Stored dividends, of `Conversion.worths`.
        splits: Those that are believed, of `told_splits.told_splits`.
        earlier: What was stored of dividends before they were told anew.
        today: The clock's day.
    """
    told = payouts.filter("fetched")
    return pl.concat(
        [
            _large(told),
            _small(told),
            _unmarked(told),
            _hundredfold(told),
            _in_other_units(told, splits),
            _unlike_stored(told, stored, splits, earlier, today),
        ]
    )


def screen_withdrawn(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return stored dividends that their own provider tells no more beside the closes of their days.

    They stay, for a provider forgets true ones, too: a remark says so while their days are asked for.
    """
    days = fetched.prices.group_by("symbol", "source").agg(first=pl.col("date").min(), last=pl.col("date").max())
    of_days = known.dividends.join(days, on=["symbol", "source"]).filter(
        pl.col("ex_date").is_between(pl.col("first"), pl.col("last")), pl.col("source") != market.OWN_FILES
    )
    return found(
        of_days.join(fetched.dividends, on=["symbol", "source", "ex_date"], how="anti"),
        market.DIVIDEND_HISTORY,
        "dividend_withdrawn",
        column="amount",
        value=pl.col("amount"),
        reason=pl.format(
            "{} tells the dividend of {} of {} no more: if there was none, reject what is due of it",
            "source",
            text(pl.col("amount")),
            "symbol",
        ),
        held=False,
    )


def _small(told: pl.DataFrame) -> pl.DataFrame:
    return found(
        told.filter(pl.col("part") < SMALL, pl.col("currency").is_in(IN_HUNDREDTHS)),
        market.DIVIDEND_HISTORY,
        "dividend_small",
        column="amount",
        value=pl.col("amount"),
        expected=100 * pl.col("amount"),
        reason=pl.format(
            "{} is {} of the close of {} on {}, as if hundredths had been made of hundredths",
            "said",
            percent(pl.col("part")),
            text(pl.col("before_close")),
            pl.col("before_on"),
        ),
    )


def _large(told: pl.DataFrame) -> pl.DataFrame:
    fallen = 1 - pl.col("moved").exp()
    return found(
        told.filter(pl.col("part") > LARGE),
        market.DIVIDEND_HISTORY,
        "dividend_large",
        column="amount",
        value=pl.col("amount"),
        reason=pl.format(
            "{} is {} of the close of {} on {}, and the price {} by {} on {}",
            "said",
            percent(pl.col("part")),
            text(pl.col("before_close")),
            pl.col("before_on"),
            pl.when(fallen >= 0).then(pl.lit("fell")).otherwise(pl.lit("rose")),
            percent(fallen.abs()),
            pl.col("on"),
        ),
        held=(pl.col("part") >= 1) | (fallen < CONFIRMED * pl.col("part")),
    )


def _unmarked(told: pl.DataFrame) -> pl.DataFrame:
    """Return dividends of a tenth of the price that did not show in it."""
    left = (1 - pl.col("part")).log()
    traded = ~pl.col("stale") & (pl.col("volume").fill_null(1) > 0)
    shown = pl.min_horizontal(pl.col("moved"), (1 - pl.col("fell")).log()) <= SHOWN * left
    return found(
        told.filter(
            pl.col("part").is_between(MARKED, LARGE), traded, ~shown, left.abs() > STEPS_OF_NOISE * pl.col("noise")
        ),
        market.DIVIDEND_HISTORY,
        "dividend_not_in_price",
        column="amount",
        value=pl.col("amount"),
        reason=pl.format(
            "{} is {} of the close of {} on {}, but the price moved by {} on {}",
            "said",
            percent(pl.col("part")),
            text(pl.col("before_close")),
            pl.col("before_on"),
            percent(pl.col("moved").exp() - 1),
            pl.col("on"),
        ),
    )


def _hundredfold(told: pl.DataFrame) -> pl.DataFrame:
    off = (pl.col("paid") / pl.coalesce("before", "after")).log()
    of_next = (pl.col("paid") / pl.coalesce("after", "before")).log()
    hundred = [((one.abs() - HUNDRED).abs() <= HUNDRED_WITHIN) for one in (off, of_next)]
    same = pl.any_horizontal(((one.abs() - HUNDRED).abs() <= SAME) for one in (off, of_next))
    too_small = (off < 0) & (pl.col("fell") >= CONFIRMED * 100 * pl.col("part"))
    too_large = (off > 0) & (pl.col("part") > MARKED) & (pl.col("fell") < CONFIRMED * pl.col("part"))
    around = pl.all_horizontal(*hundred, off.sign() == of_next.sign(), same | too_small | too_large)
    around, parts = around.fill_null(value=False), [pl.col("paid") / pl.col(name) for name in ("usual", "since")]
    hundredths = [pl.when(part.is_between(LEAST_HUNDREDTH, MOST_HUNDREDTH)).then(part) for part in parts]
    wrong = told.with_columns(off=pl.when(around).then(off).otherwise(pl.coalesce(hundredths).log())).drop_nulls("off")
    off = pl.col("off")
    return found(
        wrong,
        market.DIVIDEND_HISTORY,
        "dividend_hundredfold",
        column="amount",
        value=pl.col("amount"),
        expected=(pl.col("amount").cast(pl.Float64) / (off.sign() * HUNDRED).exp()).round_sig_figs(8),
        reason=pl.format(
            "{} is {} times the symbol's dividends around it, as between pence and pounds",
            "said",
            figure(off.exp()),
        ),
    )


def _in_other_units(told: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return dividends near a split that fit their neighbours only in the units of its other side."""
    near = (pl.col("ex_date") - pl.col("split_date")).dt.total_days().abs() <= NEAR_SPLIT_DAYS
    off, size = (pl.col("paid") / pl.coalesce("before", "after")).log(), pl.col("ratio").log()
    of_next = (pl.col("paid") / pl.coalesce("after", "before")).log()
    fits = [((one.abs() - size.abs()).abs() <= UNITS_WITHIN) for one in (off, of_next)]
    by_split = pl.all_horizontal(fits) & (off.sign() == of_next.sign())
    return found(
        told.join(splits.select("symbol", "ratio", split_date="ex_date"), on="symbol").filter(
            near, by_split, size.abs() > 2 * UNITS_WITHIN
        ),
        market.DIVIDEND_HISTORY,
        "dividend_in_other_units",
        column="amount",
        value=pl.col("amount"),
        expected=(pl.col("amount").cast(pl.Float64) / (off.sign() * size.abs()).exp()).round_sig_figs(8),
        reason=pl.format(
            "{} is {} times the symbol's dividends around it, as if the split of {} on {} were done twice or never",
            "said",
            figure(off.exp()),
            figure(pl.col("ratio")),
            pl.col("split_date"),
        ),
    )


def _unlike_stored(
    told: pl.DataFrame, stored: pl.DataFrame, splits: pl.DataFrame, earlier: pl.DataFrame, today: dt.date
) -> pl.DataFrame:
    """Return dividends told otherwise than they are stored; in another currency, their worths are compared."""
    before = stored.filter(pl.col("amount") > 0).select(
        *_DIVIDEND,
        stored="amount",
        stored_currency="currency",
        stored_worth="worth",
        stored_said="said",
        stored_at="fetched_at",
    )
    amounts = pl.col("amount").cast(pl.Float64) / pl.col("stored").cast(pl.Float64)
    worths = pl.col("worth") / pl.col("stored_worth")
    apart = pl.when(pl.col("currency") == pl.col("stored_currency")).then(amounts).otherwise(worths.fill_null(amounts))
    both = told.join(before, on=_DIVIDEND).with_columns(apart=apart)
    others = both.join(right_now(both, splits, today=today), on=_DIVIDEND, how="anti", maintain_order="left")
    undivided = not_divided(others, splits, earlier).select(*_DIVIDEND, "split_date")
    rows = others.join(undivided, on=_DIVIDEND, how="left", maintain_order="left")
    by_split = pl.format(", as if it were not divided for the split of {}", "split_date").fill_null("")
    return found(
        rows.filter((pl.col("apart").log().abs() > OTHER) | pl.col("split_date").is_not_null()),
        market.DIVIDEND_HISTORY,
        "dividend_unlike_stored",
        column="amount",
        value=pl.col("amount"),
        expected=pl.col("stored"),
        reason=pl.format(
            "{} is told of a dividend that is stored as {}: {} times{}",
            "said",
            "stored_said",
            figure(pl.col("apart")),
            by_split,
        ),
    )
