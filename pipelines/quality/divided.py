"""Rows that a provider has divided for splits that it does not tell, though they are stored.

Belongs here: telling such rows from others; the finding on those that say anything new. Does not: a split that nobody
has stated (`screens.restated`, `screens.stretches`).

A person may state a split that a provider only restates its series for, or another provider may have told it. Of a day
before it the stored row and the provider's then say the same, in other units: there is nothing to judge, to hold, to
write or to release. A day that is not stored waits, and a correction of one: what was traded or declared is not told.

Closes that are stored say whether a series is divided. Of a fetch that has none of them from before the split, each
dividend that is stored speaks for itself. What is not stored waits then, until somebody knows in which units it is.

A provider that has told such a split itself has forgotten it, or told one that never was together with its days, and
nothing that it says since can show which: a remark says so.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.quality.held import DIVIDENDS, PRICES, SPLITS, Place, restored, with_keys
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.providers import FIGURE, same_unit
from pipelines.quality.screens.restated import ONE_DAY, ONE_RATIO
from pipelines.quality.screens.retold import FAR, SAME
from pipelines.quality.screens.shape import figure, found, text

DIVIDED = "divided"
"""The rule of what is not as traded or declared, so that nobody may release it."""
UNITS_UNKNOWN = "units_unknown"
"""The rule of what may be divided, and may be released by who knows that it is not."""
SPLIT_UNTOLD = "split_untold"
"""The rule of a stored split that its own provider tells no more, though it divides for it."""
ROUNDED = 0.02
"""How far in logarithms a dividend may be off its share: providers round what is left of it."""
PLACES_LEFT = (2, 3)
"""To so many places even, which may be further off."""
SMALLEST = 4 * SAME
"""In logarithms, of a split by which closes that are divided can be told from others."""
MOST = 0.5
"""A correction of one of the days that are told says nothing about the others."""
_LIKE = 8
"""The part of a split's size by which a close may be corrected and still be told from one that is not divided."""
_SERIES = ["symbol", "source"]
_SAID = {"prices": ("close", "traded"), "dividends": ("amount", "declared")}


@dataclass(frozen=True, kw_only=True)
class Divided:
    """Rows of providers that are divided for stored splits that these do not tell.

    Args:
        stored: Keys and sources of those that say nothing new.
        told: Of all of them.
        found: ``FINDINGS`` on the others, and on splits that their own provider tells no more.
    """

    stored: dict[Place, pl.DataFrame]
    told: dict[Place, pl.DataFrame]
    found: pl.DataFrame


def divided(fetched: Fetched, known: Known, open_rows: pl.DataFrame, releases: pl.DataFrame) -> Divided:
    """Return what of a fetch is told in the units of stored splits that its provider does not tell.

    Args:
        fetched: Rows of providers; a frame without rows may be without columns.
        known: What is stored, likewise.
        open_rows: Rows of `quarantine` that nothing has resolved yet: a series that waits is divided until it is told
            as stored.
        releases: What people accepted: ``table_name, rule, key, value``.
    """
    closes, paid = (_beside(fetched, known, place) for place in (PRICES, DIVIDENDS))
    series = _divided_series(closes, restored(open_rows.filter(pl.col("rule") == DIVIDED), PRICES).select(_SERIES))
    as_traded = closes.filter("before", pl.col("stored").is_not_null()).join(series, on=_SERIES, how="anti")
    before = {
        place: pl.concat([_in_series(rows, series), _by_themselves(rows, series, as_traded, known)])
        for place, rows in ((PRICES, closes), (DIVIDENDS, paid))
    }
    waiting = pl.concat([_waiting(rows.filter(~pl.col("same")), place) for place, rows in before.items()])
    return Divided(
        stored={place: _keys(rows.filter("same"), place) for place, rows in before.items()},
        told={place: _keys(rows, place) for place, rows in before.items()},
        found=pl.concat([_as_accepted(waiting, releases), _told_no_more(before[PRICES], known)]),
    )


def _told_no_more(closes: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Return remarks on the stored splits that closes say in other units, and whose own provider tells them no more."""
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    splits = SPLITS.conformed(known.splits).select(*_SERIES, "ex_date", ratio=ratio)
    said = closes.filter("known", "same").select(*_SERIES, ex_date="split_on").unique(maintain_order=True)
    return found(
        said.join(splits, on=[*_SERIES, "ex_date"], maintain_order="left"),
        SPLITS.table,
        SPLIT_UNTOLD,
        column="ratio_new",
        value=figure(pl.col("ratio")),
        reason=pl.format(
            "{} tells the days before {} divided by {}, and no such split any more: if there was none, state 1,1 of it",
            "source",
            "ex_date",
            figure(pl.col("ratio")),
        ),
        held=False,
    )


def _as_accepted(waiting: pl.DataFrame, releases: pl.DataFrame) -> pl.DataFrame:
    """Return the findings under the rule that a person has accepted their rows under.

    Who releases a row while its units are unknown says that it is as declared: what closes of a later, wider answer say
    of the series does not take that back.
    """
    if waiting.is_empty() or releases.is_empty():
        return waiting
    accepted = releases.filter(pl.col("rule") == UNITS_UNKNOWN).select("table_name", "key", "value").unique()
    said = with_keys(waiting).join(
        accepted.with_columns(accepted=pl.lit(value=True)),
        on=["table_name", "key", "value"],
        how="left",
        maintain_order="left",
    )
    rule = pl.when(pl.col("accepted").is_null()).then("rule").otherwise(pl.lit(UNITS_UNKNOWN))
    return said.with_columns(rule=rule).select(waiting.columns)


def _keys(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    return rows.select(*place.at, "source").unique()


def _beside(fetched: Fetched, known: Known, place: Place) -> pl.DataFrame:
    """Return what is told of symbols with stored splits that the teller does not tell, beside what is stored of it.

    Returns:
        ``told`` and ``stored``, the figures, the latter if any; whether a row is ``before`` such a split (a dividend of
        its ex-date is: it is paid on the shares of the day before), ``split_on`` the first of them and ``size`` all of
        them together, in logarithms; how far the row has ``moved`` from what is stored, and how far it is ``off`` that,
        divided; and whether it is the ``same``, either way.
    """
    told, stored = (place.conformed(getattr(rows, place.name)) for rows in (fetched, known))
    said, splits = (SPLITS.conformed(rows.splits) for rows in (fetched, known))
    name, same = FIGURE[place.table.name], same_unit(place.table)
    size = (pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)).log()
    sizes = splits.select("symbol", split_on="ex_date", size=size).filter(pl.col("size") != 0)
    # A window that ends before a split says nothing of it.
    reach = PRICES.conformed(fetched.prices).group_by(_SERIES).agg(reach=pl.col("date").max())
    mine = told.filter(pl.col(name) > 0).join(sizes, on="symbol", how="semi").join(reach, on=_SERIES, how="left")
    mine = mine.with_row_index("row")
    first_since = pl.col(place.day) if place is DIVIDENDS else pl.col(place.day) + pl.duration(days=1)
    untold = (
        mine.join(sizes, on="symbol")
        .filter(pl.col("split_on") >= first_since, pl.col("split_on") <= pl.col("reach"))
        .join(said, left_on=[*_SERIES, "split_on"], right_on=[*_SERIES, "ex_date"], how="anti")
    )
    after = untold.group_by("row").agg(pl.col("split_on").min(), pl.col("size").sum(), before=pl.lit(value=True))
    known_as = stored.filter(pl.col(name) > 0).select(*same, stored=pl.col(name).cast(pl.Float64))
    figures = (
        mine.join(after, on="row", how="left")
        .join(known_as, on=same, how="left")
        .with_columns(pl.col("before").fill_null(value=False), pl.col("size").fill_null(0.0))
        .with_columns(told=pl.col(name).cast(pl.Float64))
        .with_columns(moved=(pl.col("told") / pl.col("stored")).log())
        .with_columns(off=pl.col("moved") + pl.col("size"))
    )
    is_same = (pl.col("moved").abs() <= SAME) | _is_divided(place)
    return figures.with_columns(same=is_same.fill_null(value=False))


def _is_divided(place: Place) -> pl.Expr:
    """Return whether a row says what is stored, divided."""
    if place is PRICES:
        near = (
            pl.when("before").then(pl.min_horizontal(pl.lit(ONE_RATIO), pl.col("size").abs() / 2)).otherwise(ONE_RATIO)
        )
        return pl.col("off").abs() <= near
    share = pl.col("stored") / pl.col("size").exp()
    rounded = (
        ((pl.col("told").round(left) - pl.col("told")).abs() < SAME * 10**-left)
        & ((share - pl.col("told")).abs() <= 0.5 * 10**-left)
        for left in PLACES_LEFT
    )
    return (pl.col("off").abs() <= ROUNDED) | pl.any_horizontal(rounded)


def _divided_series(told: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
    """Return the series of which most stored days before splits are told divided, and most days since as stored.

    Args:
        told: Closes, of `_beside`.
        waiting: Series that were divided when a row of theirs was held back, which may be all that is asked for now.
    """
    size = pl.col("size").abs()
    before = pl.col("before") & (size >= SMALLEST)
    like = _is_divided(PRICES) | (pl.col("off").abs() <= pl.min_horizontal(size / _LIKE, pl.lit(FAR)))
    as_stored = pl.col("moved").abs() <= SAME
    return (
        told.filter(pl.col("stored").is_not_null())
        .group_by(_SERIES)
        .agg(
            like=like.filter(before).mean(),
            as_stored=as_stored.filter(before).mean(),
            since=_is_divided(PRICES).filter(~pl.col("before")).mean().fill_null(1.0),
        )
        .join(waiting.unique().with_columns(waits=pl.lit(value=True)), on=_SERIES, how="left")
        .filter(
            (pl.col("like") >= MOST) | (pl.col("waits") & (pl.col("as_stored") < MOST)),
            pl.col("since") >= MOST,
        )
        .select(_SERIES)
    )


def _in_series(rows: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
    """Return the rows from before splits of series that are divided."""
    return rows.filter("before").join(series, on=_SERIES, how="semi").with_columns(known=pl.lit(value=True))


def _by_themselves(rows: pl.DataFrame, series: pl.DataFrame, as_traded: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Return the rows from before splits of which no stored close says how they are told, and that may be divided.

    A stored dividend of which a small split's share is told must be it exactly: it could be a correction. Those of a
    symbol that is fetched for the first time come as they are told.
    """
    alone = rows.filter("before").join(series, on=_SERIES, how="anti").join(as_traded, on=_SERIES, how="anti")
    exact = pl.when(pl.col("size").abs() >= ONE_DAY).then("same").otherwise(pl.col("off").abs() <= SAME)
    symbols = PRICES.conformed(known.prices)["symbol"].unique().to_list()
    is_new = pl.col("stored").is_null() & pl.col("symbol").is_in(symbols)
    return alone.filter(is_new | exact).with_columns(known=pl.lit(value=False))


def _waiting(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    column, how = _SAID[place.name]
    what = pl.format(column + " {}", text(pl.col(column)))
    why = pl.format("divided for the split of {}, which {} does not tell", "split_on", "source")
    sure = pl.format(f"{{}} is {{}}: what was {how} is not known", what, why)
    unsure = pl.format(f"{{}} may be {{}}, and nothing that is stored says so: release it if it is as {how}", what, why)
    parts = ((rows.filter("known"), DIVIDED, sure), (rows.filter(~pl.col("known")), UNITS_UNKNOWN, unsure))
    return pl.concat(
        found(part, place.table, rule, column=column, value=pl.col(column), reason=reason)
        for part, rule, reason in parts
    )
