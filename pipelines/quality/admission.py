"""What of a fetch goes on into the histories and the master, and what is held back.

Belongs here: taking findings for what they mean for rows: held, remarked, released, resolved. Does not: what is found
(`screens`), keeping it (`warehouse.ops`), writing what goes on (`pipelines.ingest`).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import polars as pl

from pipelines.quality import quotes
from pipelines.quality.continued import continued
from pipelines.quality.corrected import with_corrections
from pipelines.quality.currencies import CURRENCY_CHANGED, about_symbols
from pipelines.quality.divided import divided
from pipelines.quality.finding import FINDINGS
from pipelines.quality.held import (
    PLACES,
    PRICES,
    RATES,
    SPLITS,
    Place,
    held_rows,
    keyed,
    places_of,
    restored,
    with_keys,
)
from pipelines.quality.inexact import as_known, inexact, sure
from pipelines.quality.resolution import resolutions
from pipelines.quality.screens import TAKING_BACK, Fetched, Known, screen
from pipelines.quality.screens.providers import confirming
from pipelines.quality.told_again import Preference, unless_told_again
from pipelines.quality.unsupported import unsupported
from pipelines.releases import ACCEPTS, IMPOSSIBLE, released
from warehouse.schema import market

Screen = Callable[..., pl.DataFrame]
_CONFIRMED = ("prices", "rates")
"""What another provider's stored rows may confirm; a dividend that is told otherwise goes to the revisions."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What became of a fetch.

    Args:
        believed: The rows that go on, each once.
        symbols: Profiles and quotes that go on.
        held: What is held back, a row for each rule, as `warehouse.ops.quarantine` takes it.
        remarks: Findings on rows that go on.
        resolutions: Open rows of the quarantine that this fetch resolves, once its run is published.
        taken_back: ``symbol, ex_date`` of stored splits that are believed no more.
        undone: Every split that was told, believed or not: a provider's prices are as traded by undoing it.
        judged: How many rows of providers were judged, by table; of the master, the symbols that were described.
        names: Of how many symbols or currencies these are.
    """

    believed: Fetched
    symbols: pl.DataFrame
    held: pl.DataFrame
    remarks: pl.DataFrame
    resolutions: pl.DataFrame
    taken_back: pl.DataFrame
    undone: pl.DataFrame
    judged: dict[str, int]
    names: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Past:
    """What was held back before.

    Args:
        open_rows: Rows of `quarantine` that nothing has resolved yet.
        releases: What people accepted: ``table_name, rule, key, value``.
    """

    open_rows: pl.DataFrame
    releases: pl.DataFrame

    @property
    def released(self) -> pl.DataFrame:
        """Return the open rows that people have accepted as they were fetched."""
        return released(self.open_rows, self.releases)

    @property
    def released_splits(self) -> pl.DataFrame:
        """Return the splits among them."""
        return restored(self.released, SPLITS)


def admit(
    fetched: Fetched,
    symbols: pl.DataFrame,
    known: Known,
    past: Past,
    *,
    today: dt.date,
    now: dt.datetime | None = None,
    preference: Preference = MappingProxyType({}),
    judge: Screen = screen,
) -> Admission:
    """Judge a fetch.

    A person's own rows come first: they are known when a provider's are judged. What a provider says of the same key
    gives way to them anyway, so that nothing waits of it where it is not believed. A close or rate that another
    provider's stored one confirms adds nothing to that: neither is it held nor written; nor is a stored day told in
    the units of a stored split (`divided`). A far correction waits until it is told again, and so does what a provider
    says otherwise than one that is asked after it.

    Args:
        fetched: As fetched, with ``source``; a frame without rows may be without columns.
        symbols: Profiles and quotes as fetched.
        known: What is stored.
        past: What was held back before.
        today: The clock's day.
        now: When it is judged; None is the end of that day.
        preference: In which order providers are asked.
        judge: The screens.
    """
    now = now or dt.datetime.combine(today, dt.time.max, dt.UTC)
    known = replace(
        known,
        revised=_not_released(known.revised, PRICES, past.releases),
        revised_rates=_not_released(known.revised_rates, RATES, past.releases),
    )
    arrived = _with_released(_conformed(fetched), past.released)
    own, others = _by_source(arrived, own=True), _by_source(arrived, own=False)
    of_own = _of_own(own, _with_news(known, others), judge, today)
    own = _without(own, of_own)
    stated, known = _stated(own, known), _joined(known, own)
    told = replace(others, splits=as_known(others.splits, known.splits), quotes=quotes.as_prices(symbols))
    others, beside, unknown = replace(told, quotes=others.quotes), sure(told), inexact(told)
    without = _unless_released(unsupported(others, known, past.open_rows), past.releases)
    never_were = _taken_back(without, known)
    known = with_corrections(replace(known, splits=_less(known.splits, never_were)), others)
    in_other_units = divided(others, known, past.open_rows, past.releases)
    beside = _less_rows(beside, in_other_units.told)
    settled = _settled(others, known)
    found = _unless_settled(_found(beside, known, past.releases, judge, today), others, settled)
    found = unless_told_again(found, others, known, past.open_rows, preference=preference, now=now)
    found = pl.concat([found, _unless_released(continued(found, others, known), past.releases)])
    of_units = _unless_released(in_other_units.found, past.releases)
    found = pl.concat([found, without, of_units, unknown.filter(pl.col("table_name") != market.SYMBOLS.name)])
    believed = _less_rows(_less_rows(_without(others, found), settled), in_other_units.stored)
    taken_back = pl.concat([never_were, _taken_back(found, known)])
    known = replace(known, splits=_less(known.splits, taken_back))
    of_quotes = quotes.doubted(symbols, beside, believed, known, found, judge, today=today)
    of_unknown = unknown.filter(table_name=market.SYMBOLS.name)
    quoted = pl.concat(
        [_unless_released(of_quotes, past.releases).join(of_unknown, on="about", how="anti"), of_unknown]
    )
    kept = with_keys(pl.concat([found, quoted])).join(stated, on=["table_name", "key"], how="anti")
    rows = {place.name: pl.concat(_both(own, others, place)) for place in PLACES}
    rows["splits"] = pl.concat([taken_back.select(rows["splits"].columns), rows["splits"]])
    held = held_rows(pl.concat([of_own, kept.select(FINDINGS.names())]).filter("held"), rows, symbols)
    return Admission(
        believed=_united(believed, own),
        symbols=quotes.without(symbols, pl.concat([found, quoted]), others, known),
        held=held,
        remarks=pl.concat([of_own, kept.select(FINDINGS.names())]).filter(~pl.col("held")),
        resolutions=resolutions(
            past.open_rows,
            _accepted(pl.concat([found, quoted]), past.releases),
            held,
            remarks=kept.filter(~pl.col("held")),
            fetched=rows,
            symbols=symbols,
            own=stated,
        ),
        taken_back=taken_back.select("symbol", "ex_date"),
        undone=rows["splits"],
        judged={place.table.name: _frame(others, place).height for place in PLACES}
        | {market.SYMBOLS.name: symbols.height},
        names={place.table.name: _frame(others, place)[place.about].n_unique() for place in PLACES}
        | {market.SYMBOLS.name: symbols.height},
    )


def _not_released(revised: pl.DataFrame, place: Place, releases: pl.DataFrame) -> pl.DataFrame:
    """Return what was stored before it was told anew, less the days that a person has released: that word counts."""
    if not revised.width:
        return revised
    accepted = releases.filter(pl.col("table_name") == place.table.name)
    return keyed(revised, place).join(accepted, on="key", how="anti").drop("key")


def _with_news(known: Known, others: Fetched) -> Known:
    """Return what is known with the closes of days that providers tell for the first time."""
    news = others.prices.join(known.prices, on=["symbol", "date"], how="anti") if known.prices.width else others.prices
    return replace(known, prices=pl.concat([known.prices, news], how="diagonal_relaxed"))


def _of_own(own: Fetched, known: Known, judge: Screen, today: dt.date) -> pl.DataFrame:
    """Return what is found of a person's own rows: of those, only what cannot be is held back."""
    if _is_empty(own):
        return pl.DataFrame(schema=FINDINGS)
    return judge(own, known, today=today).with_columns(pl.col("held") & pl.col("rule").is_in(list(IMPOSSIBLE)))


def _found(others: Fetched, known: Known, releases: pl.DataFrame, judge: Screen, today: dt.date) -> pl.DataFrame:
    """Return what is found of providers' rows; those that people have accepted are known when the others are judged.

    Whoever releases the first day of a crash accepts its level, and so the days that follow at it.
    """
    first = _unless_released(about_symbols(judge(others, known, today=today), known.prices), releases)
    if releases.is_empty():
        return first
    accepted = _released_rows(others, first, releases)
    if _is_empty(accepted):
        return first
    with_accepted = _joined(known, accepted)
    again = _unless_released(about_symbols(judge(others, with_accepted, today=today), with_accepted.prices), releases)
    named = [(keyed(_frame(accepted, place), place), place.table.name) for place in PLACES]
    keys = pl.concat(rows.select("key", table_name=pl.lit(name)) for rows, name in named)
    of_accepted = with_keys(first).join(keys, on=["table_name", "key"], how="semi", maintain_order="left")
    others_found = with_keys(again).join(keys, on=["table_name", "key"], how="anti", maintain_order="left")
    return pl.concat([of_accepted, others_found]).select(FINDINGS.names())


def _released_rows(fetched: Fetched, found: pl.DataFrame, releases: pl.DataFrame) -> Fetched:
    """Return the rows that go on only because people have accepted them."""
    let = with_keys(found).join(releases, on=ACCEPTS, how="semi", nulls_equal=True)
    held = found.filter("held")
    frames = {}
    for place in PLACES:
        mine = _frame(fetched, place).join(places_of(let, place), on=place.at, how="semi", maintain_order="left")
        let_in = mine.join(places_of(held, place), on=place.at, how="anti", maintain_order="left")
        frames[place.name] = let_in.unique(place.table.key, keep="last", maintain_order=True)
    return Fetched(**frames)


def _frame(rows: Fetched | Known, place: Place) -> pl.DataFrame:
    frame: pl.DataFrame = getattr(rows, place.name)
    return frame


def _is_empty(fetched: Fetched) -> bool:
    return not any(_frame(fetched, place).height for place in PLACES)


def _conformed(fetched: Fetched) -> Fetched:
    """Return the frames with every column of their tables that a fetch can have."""
    return Fetched(**{place.name: place.conformed(_frame(fetched, place)) for place in PLACES})


def _with_released(fetched: Fetched, released: pl.DataFrame) -> Fetched:
    """Add what people have accepted and what was not fetched again: it goes on as it was fetched."""
    if released.is_empty():
        return fetched
    frames = {}
    for place in PLACES:
        frame = _frame(fetched, place)
        again = restored(released, place).join(frame, on=place.at, how="anti")
        frames[place.name] = pl.concat([frame, again], how="diagonal")
    return Fetched(**frames)


def _by_source(fetched: Fetched, *, own: bool) -> Fetched:
    mine = pl.col("source").eq_missing(pl.lit(market.OWN_FILES))
    return Fetched(**{place.name: _frame(fetched, place).filter(mine if own else ~mine) for place in PLACES})


def _joined(known: Known, own: Fetched) -> Known:
    """Return what is known with a person's own rows of this fetch in the place of others."""
    frames = {}
    for place in PLACES:
        stored, mine = _frame(known, place), _frame(own, place)
        rest = stored.join(mine, on=place.at, how="anti", maintain_order="left") if mine.height else stored
        frames[place.name] = pl.concat([rest, mine], how="diagonal_relaxed")
    return replace(known, **frames)


def _stated(own: Fetched, known: Known) -> pl.DataFrame:
    """Return ``table_name, key`` of every row that a person has stated, now or before: providers' give way to it."""
    keys = []
    for place in PLACES:
        stored = _frame(known, place)
        mine = stored.filter(pl.col("source") == market.OWN_FILES) if stored.width else stored
        keys += [
            keyed(rows, place).select(pl.lit(place.table.name).alias("table_name"), "key")
            for rows in (_frame(own, place), mine)
        ]
    return pl.concat(keys).unique()


def _unless_released(found: pl.DataFrame, releases: pl.DataFrame) -> pl.DataFrame:
    """Turn what people have accepted into remarks: the same value under the same rule, no other."""
    if found.is_empty() or releases.is_empty():
        return found
    accepted = releases.select(ACCEPTS).unique().with_columns(accepted=pl.lit(value=True))
    return (
        with_keys(found)
        .join(accepted, on=ACCEPTS, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("held") & pl.col("accepted").is_null(),
            pl.when("accepted")
            .then(pl.col("reason").str.replace("^taken back: ", "kept: "))
            .otherwise("reason")
            .alias("reason"),
        )
        .select(FINDINGS.names())
    )


def _settled(others: Fetched, known: Known) -> dict[Place, pl.DataFrame]:
    """Return the keys and sources of prices and rates that another provider's stored ones confirm."""
    return {
        place: confirming(_frame(others, place), _frame(known, place), place.table)
        for place in PLACES
        if place.name in _CONFIRMED
    }


def _unless_settled(found: pl.DataFrame, others: Fetched, settled: Mapping[Place, pl.DataFrame]) -> pl.DataFrame:
    """Turn what is found of settled rows into remarks; of a day that a second provider tells, both must be."""
    if found.is_empty():
        return found
    days = pl.concat(_settled_days(_frame(others, place), keys, place) for place, keys in settled.items())
    marked = found.join(days, on=["table_name", "about", "date"], how="left", maintain_order="left")
    return marked.with_columns(pl.col("held") & pl.col("settled").is_null()).drop("settled")


def _settled_days(told: pl.DataFrame, settled: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return ``about, date, table_name`` of the days that are settled whoever tells them."""
    others = told.join(settled, on=[*place.at, "source"], how="anti")
    days = settled.join(others, on=place.at, how="anti").select(about=place.about, date=place.day).unique()
    return days.with_columns(table_name=pl.lit(place.table.name), settled=pl.lit(value=True))


def _less_rows(fetched: Fetched, settled: Mapping[Place, pl.DataFrame]) -> Fetched:
    left = {
        place.name: _frame(fetched, place).join(keys, on=[*place.at, "source"], how="anti", maintain_order="left")
        for place, keys in settled.items()
    }
    return replace(fetched, **left)


def _accepted(found: pl.DataFrame, releases: pl.DataFrame) -> pl.DataFrame:
    """Return ``table_name, rule, key`` of the findings that people have accepted."""
    let = with_keys(found).join(releases, on=ACCEPTS, how="semi", nulls_equal=True)
    return let.select("table_name", "rule", "key").unique()


def _taken_back(found: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Return the stored splits that are believed no more; a person's own is none of them."""
    rules = found.filter("held", pl.col("rule").is_in(TAKING_BACK))
    stored = SPLITS.conformed(known.splits).filter(pl.col("source") != market.OWN_FILES)
    return stored.join(places_of(rules, SPLITS), on=SPLITS.at, how="semi", maintain_order="left")


def _less(splits: pl.DataFrame, taken_back: pl.DataFrame) -> pl.DataFrame:
    return splits.join(taken_back, on=["symbol", "ex_date"], how="anti") if taken_back.height else splits


def _without(fetched: Fetched, found: pl.DataFrame) -> Fetched:
    """Return the rows that are not held back."""
    held = found.filter("held")
    if held.is_empty():
        return fetched
    frames = {}
    for place in PLACES:
        rows = _frame(fetched, place)
        frames[place.name] = rows.join(places_of(held, place), on=place.at, how="anti", maintain_order="left")
    known_in = held.filter(pl.col("rule") == CURRENCY_CHANGED).select(symbol="about", known_in="expected")
    prices = frames["prices"].join(known_in, on="symbol", how="left", maintain_order="left")
    same = pl.col("currency") == pl.col("known_in").fill_null(pl.col("currency"))
    frames["prices"] = prices.filter(same).drop("known_in")
    return Fetched(**frames)


def _both(first: Fetched, last: Fetched, place: Place) -> list[pl.DataFrame]:
    return [_frame(first, place), _frame(last, place)]


def _united(believed: Fetched, own: Fetched) -> Fetched:
    """Return both, a person's own rows last, each key once of either."""
    once = {
        place.name: [
            rows.unique(place.table.key, keep="last", maintain_order=True) for rows in _both(believed, own, place)
        ]
        for place in PLACES
    }
    return Fetched(**{name: pl.concat(frames) for name, frames in once.items()})
