"""Asking providers for exchange rates: what one lacks, the next is asked for.

Belongs here: what counts as an answer of rates, and the collection of answers and failures. Does not: prices (`fetch`),
trying again (`resilience`), any provider's protocol, writing anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

import polars as pl

from pipelines.sources.base import RATES, Source, Taken, Whole
from pipelines.sources.collected import in_order, stacked, taken_whole
from pipelines.sources.errors import LeftAloneError, SourceError, UnknownSymbolError, UnsupportedError
from pipelines.sources.resilience import REFUSED, Guard, Question
from pipelines.sources.rounds import Failure, ask_all


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
    for again, one in [*((False, one) for one in asked), *((True, one) for one in asked)]:
        if not missing:
            break
        if again and not (_was_spared(one, errors[missing[0]]) and guard.waits_for_probe(one.name, was_up=False)):
            continue
        rates, failed = _rates_of(guard, one, missing, start, end)
        for currency in missing:
            lacking = UnknownSymbolError(one.name, currency, "no rate in the window")
            errors[currency][one.name] = failed.get(currency, lacking)
        found.append((one.name, rates))
        missing = [currency for currency in missing if currency not in set(rates["currency"])]
    wholes, refused, unread = taken_whole(guard, asked, _every_rate(end))
    found = [part for part in found if part[0] not in wholes] + list(wholes.items())
    unanswered = [Failure(symbol=currency, errors=tuple(errors[currency].values())) for currency in missing]
    return RatesResult(
        rates=stacked(found, RATES, now),
        failures=(*unanswered, *unread),
        refused_files=refused,
    )


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
