"""Days that are stored and now told otherwise, each by another factor.

Belongs here: telling a provider's corrections, which go to the revisions, from another series under the same name:
another instrument that has taken the ticker, a wrong name in `folio rename`, closes of another exchange or adjusted for
dividends. Does not: one ratio of all days (`restated`), steps inside of a series (`stretches`), rates
(`retold_rates`).

A correction is of a day or two, and small, or it puts a close back among its neighbours that lay far from them. Another
one waits until it is told again (`pipelines.quality.told_again`). If more of a week is told anew, or all days until one
by the same ratio, what is stored stays, for it was as believable when it came. If the last stored days are told anew by
more than any provider corrects, the days to come are of that other series, too, and none of it gets in. What a provider
takes back is no news of this kind: that a day is again what it was before it was told anew counts for nothing here.
"""

import math
from dataclasses import replace

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.breaks import LEAST_MOVE
from pipelines.quality.screens.mending import unless_mended
from pipelines.quality.screens.providers import DISAGREE, NO_ONE_CLOSE
from pipelines.quality.screens.shape import Fetched, Known, found, percent, text
from warehouse.schema import market
from warehouse.schema.market import OWN_FILES
from warehouse.schema.model import Table

RETOLD, ANOTHER, FAR_CORRECTION = "retold", "another_series", "corrected_far"

SAME = 0.001
"""How far in logarithms a close may be off what its own provider said and be the same, rounded otherwise; of another
provider it is as far as these are apart anyway (`DISAGREE`)."""
FEW = 2
"""Corrections of up to so many days of a week are a provider's ordinary business."""
WEEK = 5
OTHER = math.log(1.01)
"""If half of the last week's days are off by more than this, it is no correction: providers of one share differ by
less."""

FAR = math.log(1.05)
"""A close is corrected by less, as a matter of course: by more, it or the stored one is a fault."""

_SERIES = ["symbol", "source"]
_DAY = ["symbol", "date"]


def screen_retold(fetched: Fetched, known: Known, explained: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return stored days of which more than a few, or one by far, are told anew, and all days of another series.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        explained: Findings on prices that say what else is wrong with a row; it counts for nothing here.
        splits: ``symbol, ex_date, ratio`` of those that enter or are taken back with this fetch: a close that was
            stored in the other units comes right with them, or else the value would be wrong by their ratio.
    """
    others = explained.select(symbol="about", date="date").unique()
    fetched = replace(fetched, prices=fetched.prices.join(others, on=["symbol", "date"], how="anti"))
    again = _again(fetched, known)
    if again.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    within = pl.col("off").filter(pl.col("differs"))
    said = again.group_by(_SERIES).agg(
        days=pl.len(),
        differing=pl.col("differs").sum(),
        least=within.min().exp() - 1,
        most=within.max().exp() - 1,
        other=_is_another(pl.col("off"), pl.col("differs")),
        stood_in=pl.col("stored_source").filter(pl.col("differs") & ~pl.col("its_own")).first(),
    )
    units = again.with_columns(divided=_divided())
    stretch = units.filter(_in_retold_week() | pl.col("divided")).join(said, on=_SERIES)
    series = fetched.prices.join(said.filter("other"), on=_SERIES).join(
        again.select(*_SERIES, "date", "stored"), on=[*_SERIES, "date"], how="left", maintain_order="left"
    )
    single = again.join(pl.concat([stretch, series], how="diagonal"), on=_DAY, how="anti")
    return pl.concat(
        [
            _found(stretch.filter(~pl.col("other")), RETOLD, _of_how_many()),
            _found(series, ANOTHER, _of_whom()),
            corrected(
                _of_no_split(_far(single, fetched, known), splits), market.PRICE_HISTORY, "close", "close {} of a day"
            ),
        ]
    )


def contradicted(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return the series that tell the last days otherwise than they told them before, as nobody corrects them.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.

    Returns:
        ``symbol, source``; ``off``, how far each of those days is off, in logarithms; ``least`` and ``most`` of these.
    """
    again = _again(fetched, known).filter("its_own")
    within = pl.col("off").filter(pl.col("differs"))
    of_series = again.group_by(_SERIES, maintain_order=True).agg(
        other=_is_another(pl.col("off"), pl.col("differs")),
        least=within.min().exp() - 1,
        most=within.max().exp() - 1,
        off=within.tail(WEEK),
    )
    return of_series.filter("other").drop("other")


def _far(again: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return the days that their own provider corrects by far, unless the days beside them say that it mends them."""
    far = again.filter("differs", "its_own", pl.col("off").abs() > FAR)
    return unless_mended(far, known.prices, fetched.prices, about="symbol", value="close")


def _of_no_split(far: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the corrections but for those by the ratio of one of the splits, of its ex-date or since."""
    sizes = splits.select("symbol", "ex_date", size=pl.col("ratio").log().abs())
    since = far.join(sizes, on="symbol").filter(pl.col("date") >= pl.col("ex_date"))
    same = since.filter((pl.col("off").abs() - pl.col("size")).abs() <= FAR)
    return far.join(same, on=_DAY, how="anti", maintain_order="left")


def _again(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return fetched days that are stored, by series and date, with ``stored``, ``off`` and whether it ``differs``.

    What is told again as it was first stored, before it was told anew, does not.
    """
    stated = [*_DAY, "currency"]
    around = known.symbols.filter(pl.col("asset_class").is_in(NO_ONE_CLOSE))["symbol"].to_list()
    stored = known.prices.filter(pl.col("close") > 0, pl.col("source") != OWN_FILES).select(
        "symbol", "date", "currency", stored="close", stored_source="source"
    )
    its_own = pl.col("source") == pl.col("stored_source")
    of_one_hour = ~pl.col("symbol").is_in(around) | its_own
    close, before, first = (pl.col(name).cast(pl.Float64) for name in ("close", "stored", "first"))
    returned = ((close / first).log().abs() <= SAME) | ((close - first).abs() <= LEAST_MOVE)
    again = (
        fetched.prices.filter(pl.col("close") > 0, pl.col("source") != OWN_FILES)
        .join(stored, on=stated)
        .filter(of_one_hour)
        .join(first_stored(known.revised, stated, "close"), on=stated, how="left")
        .with_columns(off=(close / before).log(), its_own=its_own)
        .with_columns(same=pl.when(its_own).then(SAME).otherwise(DISAGREE))
        .with_columns(differs=(pl.col("off").abs() > pl.col("same")) & ((close - before).abs() > LEAST_MOVE))
        .with_columns(differs=pl.col("differs") & returned.fill_null(value=False).not_())
    )
    # Most series come as they are stored: only the others are put in order.
    of_others = again.join(again.filter("differs").select(_SERIES).unique(), on=_SERIES, how="semi")
    return of_others.unique([*_SERIES, "date"], keep="last").sort(*_SERIES, "date")


def first_stored(revised: pl.DataFrame, of: list[str], value: str) -> pl.DataFrame:
    """Return what was told anew of late, once, and ``first``, its value until then.

    Args:
        revised: Revisions of a history.
        of: The columns that say what a value is of.
        value: The column that is told.
    """
    told = revised.filter(pl.col(value) > 0, pl.col("source") != OWN_FILES).sort("known_from")
    return told.unique(of, keep="first", maintain_order=True).select(*of, first=value)


def _is_another(off: pl.Expr, differs: pl.Expr) -> pl.Expr:
    """Return whether the last stored days of a series are told anew as nobody corrects them."""
    week = off.tail(WEEK).abs()
    most = differs.tail(WEEK).sum() >= pl.min_horizontal(pl.len(), FEW + 1)
    return (pl.len() >= FEW) & most & (week.median() > OTHER)


def _in_retold_week() -> pl.Expr:
    """Return whether a day differs, and more than a few of some five successive days with it."""
    differing = pl.col("differs").cast(pl.Int64).rolling_sum(WEEK, min_samples=1)
    crowded = differing.reverse().rolling_max(WEEK, min_samples=1).reverse().over(_SERIES) > FEW
    return pl.col("differs") & crowded


def _divided() -> pl.Expr:
    """Return whether a day differs by one ratio with all days until it, and none since: as before a split.

    Two such days are as few as a week's corrections, but these have not one ratio.
    """
    off, until = pl.col("off"), pl.col("date").filter(pl.col("differs")).max()
    first = (pl.col("date") <= until) == pl.col("differs")
    of_one = off.filter(pl.col("differs"))
    alike = (of_one.max() - of_one.min() <= SAME) & (of_one.abs().min() > OTHER) & (of_one.len() > 1)
    return (pl.col("differs") & pl.col("its_own") & first.all() & alike).over(_SERIES)


def _of_how_many() -> pl.Expr:
    """Return why days are not taken for corrections."""
    of_split = pl.lit("all until then by one ratio, as for a split that nobody tells")
    return pl.when("divided").then(of_split).otherwise(pl.lit("more than a few are no corrections"))


def _of_whom() -> pl.Expr:
    """Return what may be the matter with a whole series."""
    instrument = "as of another instrument"
    stood_in = pl.format(f"{instrument}, unless {{}} was off while it stood in", "stood_in")
    return pl.when(pl.col("stood_in").is_null()).then(pl.lit(instrument)).otherwise(stood_in)


def _found(rows: pl.DataFrame, rule: str, why: pl.Expr) -> pl.DataFrame:
    return found(
        rows,
        market.PRICE_HISTORY,
        rule,
        column="close",
        value=pl.col("close"),
        expected=pl.col("stored"),
        reason=pl.format(
            "{} of {} stored days are told anew, by {} to {}: {}",
            "differing",
            "days",
            percent(pl.col("least")),
            percent(pl.col("most")),
            why,
        ),
    )


def corrected(rows: pl.DataFrame, table: Table, column: str, said: str) -> pl.DataFrame:
    """Return the findings on stored days that are told anew by far.

    Args:
        rows: The days, with ``stored`` and ``off``, the logarithm of how far.
        table: The history.
        column: What is told.
        said: The value in words, with the day.
    """
    return found(
        rows,
        table,
        FAR_CORRECTION,
        column=column,
        value=pl.col(column),
        expected=pl.col("stored"),
        reason=pl.format(
            said + " that is stored with {}, {} off: it waits until it is told again on a later day",
            text(pl.col(column)),
            text(pl.col("stored")),
            percent(pl.col("off").exp() - 1),
        ),
    )
