"""Asking providers for exchange rates: what one lacks, the next is asked for.

Belongs here: what counts as an answer of rates, and the collection of answers and failures. Does not: prices (`fetch`),
trying again (`resilience`), any provider's protocol, writing anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

import polars as pl

from pipelines.sources.base import RATES, Crossing, Source, Tabular, Taken, Whole
from pipelines.sources.collected import in_order, stacked, taken_whole
from pipelines.sources.crossed import with_first_leg
from pipelines.sources.errors import LeftAloneError, SourceError, UnknownSymbolError, UnsupportedError
from pipelines.sources.resilience import REFUSED, Guard, Question
from pipelines.sources.rounds import Failure, ask_all

QUIET = timedelta(days=7)
"""Nobody's fixings rest longer: over Easter the ECB has none for four days."""


@dataclass(frozen=True, kw_only=True)
class RatesResult:
    """Rates (``RATES`` with ``source`` and ``fetched_at``), the currencies that nobody has, and the files not taken."""

    rates: pl.DataFrame
    failures: tuple[Failure, ...]
    refused_files: tuple[str, ...]


def fetch_rates(
    sources: Mapping[str, Source] | Sequence[Source],
    currencies: Iterable[str],
    start: date,
    end: date,
    *,
    guard: Guard,
    now: datetime,
) -> RatesResult:
    """Fetch reference rates against the euro; what one source lacks, the next is asked for.

    What a source reaches through a currency that one before it tells otherwise goes through that one's rate
    (`crossed`).

    A source whose last rate of a currency is more than `QUIET` before the window's end lacks the days since: it may
    have ceased to tell that currency. Of the next, what is later counts.

    One that was given up over something else, and not tried since, is waited for once, as in `rounds`. What is taken
    whole comes after the others' rates of the same day.

    Args:
        sources: In the order in which to ask.
        currencies: ISO 4217 codes; the euro is left out.
        start: First day.
        end: Last day, also of what is taken whole.
        guard: How they are asked.
        now: The present, in UTC; becomes ``fetched_at``.
    """
    missing = sorted(set(currencies) - {"EUR"})
    asked = in_order(sources)
    found: list[tuple[str, pl.DataFrame]] = []
    errors: dict[str, dict[str, SourceError]] = {currency: {} for currency in missing}
    told: dict[str, date] = {}
    before = pl.DataFrame(schema=RATES)
    for again, one in [*((False, one) for one in asked), *((True, one) for one in asked)]:
        if not missing:
            break
        if again and not (_was_spared(one, errors[missing[0]]) and guard.waits_for_probe(one.name, was_up=False)):
            continue
        legs = _legs_of(one, asked, missing)
        rates, failed = _rates_of(guard, one, [*missing, *legs], start, end)
        if isinstance(one, Crossing):
            rates = with_first_leg(rates, before, one.crosses_through)
        before = pl.concat([before, rates])
        rates = _later(rates.filter(pl.col("currency").is_in(missing)), told)
        told |= _last_days(rates)
        for currency in missing:
            lacks = f"no rate since {told[currency]}" if currency in told else "no rate in the window"
            errors[currency][one.name] = failed.get(currency, UnknownSymbolError(one.name, currency, lacks))
        found.append((one.name, rates))
        missing = [currency for currency in missing if told.get(currency, date.min) < end - QUIET]
    wholes, refused, unread = taken_whole(guard, asked, _every_rate(end))
    found = [part for part in found if part[0] not in wholes] + list(wholes.items())
    unanswered = [Failure(symbol=currency, errors=tuple(errors[currency].values())) for currency in missing]
    return RatesResult(
        rates=stacked(found, RATES, now),
        failures=(*unanswered, *unread),
        refused_files=refused,
    )


def _legs_of(source: Source, sources: Sequence[Source], missing: Sequence[str]) -> list[str]:
    """Return the currencies that rates go through, of which a source is to say its own beside those that are missing.

    Whoever would be asked once more for it is not.
    """
    if not isinstance(source, Crossing | Tabular):
        return []
    return sorted({one.crosses_through for one in sources if isinstance(one, Crossing)} - set(missing))


def _later(rates: pl.DataFrame, told: Mapping[str, date]) -> pl.DataFrame:
    """Return the rates of days after the last one that a source asked before has told."""
    last = pl.col("currency").replace_strict(dict(told), default=None, return_dtype=pl.Date)
    return rates.filter(last.is_null() | (pl.col("date") > last)) if told else rates


def _last_days(rates: pl.DataFrame) -> dict[str, date]:
    return dict(rates.group_by("currency").agg(pl.col("date").max()).iter_rows())


def _every_rate(until: date) -> Question[Taken[pl.DataFrame]]:
    return Question(
        kind="every rate",
        about="rates",
        key=until,
        put=lambda source: cast("Whole", source).every_rate(until),
    )


def _was_spared(source: Source, said: Mapping[str, SourceError]) -> bool:
    return isinstance(said.get(source.name), LeftAloneError)


def _rates_of(
    guard: Guard, source: Source, currencies: list[str], start: date, end: date
) -> tuple[pl.DataFrame, Mapping[str, SourceError]]:
    """Return a source's rates, and what it said of each currency where it failed.

    Where it fails over one of several, each is asked for alone: the others are not to go without.
    """
    try:
        return guard.ask(source, _rates("rates", "rates", currencies, start, end)), {}
    except SourceError as error:
        whole = error.symbol is None or isinstance(error, (LeftAloneError, UnsupportedError, *REFUSED))
        if whole or len(currencies) == 1:
            return pl.DataFrame(schema=RATES), dict.fromkeys(currencies, error)
    single = [_rates("rate", currency, [currency], start, end) for currency in currencies]
    found, failed = [pl.DataFrame(schema=RATES)], {}
    for outcome in ask_all(guard, [source], single):
        if isinstance(outcome, Failure):
            failed[outcome.symbol] = outcome.errors[0]
        else:
            found.append(outcome.answer)
    return pl.concat(found), failed


def _rates(kind: str, about: str, currencies: list[str], start: date, end: date) -> Question[pl.DataFrame]:
    return Question(
        kind=kind,
        about=about,
        key=(*currencies, start, end),
        put=lambda source: source.rates(currencies, start, end),
    )
