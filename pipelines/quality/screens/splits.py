"""Splits that are not to be believed, as they come or after they were stored.

Belongs here: a split that no price has followed yet, one without its step or with a step of another ratio, told twice,
told anew with another ratio; and of those that are stored, what prices, a moved ex-date or its own source take back.
Does not: what prices say of a split (`told_splits`), prices that are not in the units of a split, and splits that
nobody tells (`stretches`).

A split multiplies what everybody holds, and the price of its ex-date is divided by it: one without the other is a wrong
value. So a split waits for a price of its ex-date or later, and both enter together.
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from pipelines.quality.screens.told_splits import CONFIRMED, CONTRADICTED, OFF, SILENT, UNPRICED
from warehouse.schema import market

SAME_RATIO = 0.001
"""Ratios that differ by less are one ratio, written with fewer digits."""
TWICE_WITHIN_DAYS = 14
"""No company splits twice by one ratio in two weeks; a provider that moves an ex-date may tell both."""

UNLIKE_PRICES, MOVED, WITHDRAWN = "split_unlike_prices", "split_moved", "split_withdrawn"
TAKING_BACK = (UNLIKE_PRICES, MOVED, WITHDRAWN)
"""Rules that take back a stored split; of a split that is not stored, the first one holds it back."""

_KEY = ["symbol", "ex_date"]


def disbelieved(told: pl.DataFrame) -> pl.DataFrame:
    """Return the splits that no other screen may count with: contradicted by prices, or taken back.

    Args:
        told: Of `told_splits.told_splits`.

    Returns:
        Rows of ``told`` with ``rule``, one of `TAKING_BACK`, and ``moved_to``, the ex-date that the same provider tells
        instead.
    """
    contradicted = told.filter("fetched", pl.col("prices") == CONTRADICTED).with_columns(
        rule=pl.lit(UNLIKE_PRICES), moved_to=pl.lit(None, dtype=pl.Date)
    )
    return pl.concat([contradicted, _taken_back(told)]).sort(_KEY)


def _taken_back(told: pl.DataFrame) -> pl.DataFrame:
    """Return the stored splits that are to be taken back; a person's own never are.

    Of a stored split, prices must say that nothing happened: a step of another ratio is a bad price at least as often.
    """
    stored = told.filter(~pl.col("fetched"), _of_provider()).join(_moves(told), on=_KEY, how="left")
    nothing = (pl.col("prices") == CONTRADICTED) & (pl.col("traded").log().abs() <= OFF)
    untold = pl.col("covered") & ~pl.col("told") & (pl.col("prices") == SILENT) & _as_stored()
    rule = (
        pl.when(pl.col("moved_to").is_not_null())
        .then(pl.lit(MOVED))
        .when(nothing)
        .then(pl.lit(UNLIKE_PRICES))
        .when(untold)
        .then(pl.lit(WITHDRAWN))
    )
    return stored.with_columns(rule=rule).drop_nulls("rule").select(*told.columns, "rule", "moved_to")


def _of_provider() -> pl.Expr:
    return pl.col("source").ne_missing(pl.lit(market.OWN_FILES))


def _as_stored() -> pl.Expr:
    """Return whether a provider tells the days before a split as they are stored.

    One that tells them divided still counts with the split, and has only not said so.
    """
    return pl.col("units").log().abs() < 0.5 * pl.col("ratio").log().abs()


def _moves(told: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol``, ``ex_date`` of stored splits that their provider now tells of another day, ``moved_to``.

    Unless prices say that the stored day is right; where none was traded between the two, they say so of both.
    """
    stored = told.filter(~pl.col("fetched"), ~pl.col("told"), _of_provider())
    new = told.filter("fetched", pl.col("prices").is_in([CONTRADICTED, UNPRICED]).not_())
    pairs = _near(stored, new)
    undecided = (pl.col("prices") != CONFIRMED) | (pl.col("date") == pl.col("date_other"))
    moved = pairs.filter(undecided, pl.col("source") == pl.col("source_other"))
    return moved.group_by(_KEY).agg(moved_to=pl.col("ex_date_other").min())


def _near(splits: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return splits with each other one of about their ratio and day, whose columns end in ``_other``."""
    renamed = others.rename({name: f"{name}_other" for name in others.columns if name != "symbol"})
    days = (pl.col("ex_date") - pl.col("ex_date_other")).dt.total_days()
    return splits.join(renamed, on="symbol").filter(
        days != 0,
        days.abs() <= TWICE_WITHIN_DAYS,
        (pl.col("ratio") / pl.col("ratio_other")).log().abs() < SAME_RATIO,
        pl.col("ratio") != 1,
    )


def screen_splits(fetched: Fetched, known: Known, told: pl.DataFrame, doubted: pl.DataFrame) -> pl.DataFrame:
    """Return the splits that are not to be believed.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        told: Of `told_splits.told_splits`.
        doubted: Of `disbelieved`.

    Returns:
        Schema ``FINDINGS``. Those by a rule of `TAKING_BACK` are of stored splits where one of that day is stored, even
        if it is told again just so.
    """
    if told.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    others = told.join(doubted, on=_KEY, how="anti", maintain_order="left")
    return pl.concat(
        [
            _unlike_prices(doubted.filter(rule=UNLIKE_PRICES)),
            _moved(doubted.filter(rule=MOVED)),
            _withdrawn(doubted.filter(rule=WITHDRAWN)),
            _unconfirmed(others),
            _twice(others),
            _unlike_stored(fetched, known),
        ]
    )


def coming_or_going(told: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return the splits that enter with this fetch, and the stored ones that are taken back.

    Args:
        told: Of `told_splits.told_splits`.
        found: Of `screen_splits`.
    """
    held = found.filter("held").select("rule", symbol="about", ex_date="date")
    coming = told.filter("fetched").join(held, on=_KEY, how="anti")
    going = held.filter(pl.col("rule").is_in(TAKING_BACK))
    return pl.concat([coming, told.filter(~pl.col("fetched")).join(going, on=_KEY, how="semi")])


def _unlike_prices(contradicted: pl.DataFrame) -> pl.DataFrame:
    return found(
        contradicted,
        market.SPLIT_HISTORY,
        UNLIKE_PRICES,
        column="ratio_new",
        value=figure(pl.col("ratio")),
        expected=figure(pl.col("traded")),
        reason=pl.format(
            "{}{} new for one, but the price went from {} on {} to {} on {}: by {}",
            _stored(),
            figure(pl.col("ratio")),
            text(pl.col("before_close")),
            pl.col("before_date"),
            text(pl.col("close")),
            pl.col("date"),
            figure(pl.col("traded")),
        ),
    )


def _stored() -> pl.Expr:
    return pl.when("fetched").then(pl.lit("")).otherwise(pl.lit("taken back: "))


def _moved(moved: pl.DataFrame) -> pl.DataFrame:
    return found(
        moved,
        market.SPLIT_HISTORY,
        MOVED,
        column="ex_date",
        value=pl.col("ex_date"),
        expected=pl.col("moved_to"),
        reason=pl.format(
            "taken back: {} now tells its {} new for one of {}",
            pl.col("source"),
            figure(pl.col("ratio")),
            pl.col("moved_to"),
        ),
    )


def _withdrawn(withdrawn: pl.DataFrame) -> pl.DataFrame:
    return found(
        withdrawn,
        market.SPLIT_HISTORY,
        WITHDRAWN,
        column="ratio_new",
        value=figure(pl.col("ratio")),
        reason=pl.format(
            "taken back: {} tells its days before and since, and no {} new for one any more",
            pl.col("source"),
            figure(pl.col("ratio")),
        ),
    )


def _unconfirmed(splits: pl.DataFrame) -> pl.DataFrame:
    return found(
        splits.filter("fetched", pl.col("prices") == UNPRICED, pl.col("ratio") != 1),
        market.SPLIT_HISTORY,
        "split_unconfirmed",
        column="ratio_new",
        value=figure(pl.col("ratio")),
        reason=pl.format(
            "{} new for one, and no price of {} or later yet: it waits for one", figure(pl.col("ratio")), "ex_date"
        ),
    )


def _twice(splits: pl.DataFrame) -> pl.DataFrame:
    """Return fetched splits beside one of the same ratio that is stored, or that is told of an earlier day."""
    earlier = pl.col("ex_date_other") < pl.col("ex_date")
    again = _near(splits.filter("fetched"), splits).filter(~pl.col("fetched_other") | earlier)
    return found(
        again.unique(_KEY, keep="first", maintain_order=True),
        market.SPLIT_HISTORY,
        "split_twice",
        column="ex_date",
        value=pl.col("ex_date"),
        expected=pl.col("ex_date_other"),
        reason=pl.format("{} new for one, as already on {}", figure(pl.col("ratio")), pl.col("ex_date_other")),
    )


def _unlike_stored(fetched: Fetched, known: Known) -> pl.DataFrame:
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    stored = known.splits.filter(pl.col("ratio_old") > 0).select("symbol", "ex_date", stored=ratio)
    both = fetched.splits.filter(pl.col("ratio_old") > 0, pl.col("ratio_new") > 0).join(
        stored, on=["symbol", "ex_date"]
    )
    return found(
        both.with_columns(ratio=ratio).filter((pl.col("ratio") / pl.col("stored")).log().abs() > SAME_RATIO),
        market.SPLIT_HISTORY,
        "split_unlike_stored",
        column="ratio_new",
        value=figure(pl.col("ratio")),
        expected=figure(pl.col("stored")),
        reason=pl.format(
            "{} new for one, but {} is stored of this day", figure(pl.col("ratio")), figure(pl.col("stored"))
        ),
    )
