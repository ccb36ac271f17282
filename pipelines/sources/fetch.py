"""Asking providers for prices: many symbols, several providers in order, one broken symbol never in the others' way.

Belongs here: what counts as an answer, and the collection of answers and failures. Does not: rates (`fetch_rates`),
descriptions (`fetch_descriptions`), who is asked when (`rounds`), trying again (`resilience`), any provider's protocol,
deciding which window is missing, writing anything.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import cast

import polars as pl

from pipelines.sources.base import (
    ADJUSTED,
    DIVIDENDS,
    PRICES,
    SPLITS,
    PriceAnswer,
    PriceRequest,
    Source,
    Taken,
    Whole,
)
from pipelines.sources.collected import in_order, stacked, taken_whole
from pipelines.sources.errors import (
    NoPricesError,
    TooFarBackError,
    UnknownSymbolError,
)
from pipelines.sources.resilience import Guard, Question
from pipelines.sources.rounds import Answered, Failure, ask_all
from warehouse.schema import market

_MASTER = {n: t for n, t in market.SYMBOLS.polars_schema.items() if n not in {"status", "updated_at", "described_at"}}
SYMBOLS = pl.Schema(_MASTER | {"session": pl.Date()})

PRICES_KIND = "prices"
"""What questions for prices are called where it is kept who was asked when."""
WEEK = timedelta(days=7)
"""What is longer holds a session."""


@dataclass(frozen=True, kw_only=True)
class FetchResult:
    """Everything that was answered, and what was not.

    Args:
        prices: ``PRICES`` with ``source`` and ``fetched_at``, by symbol and date, and ``adj_close`` of ``ADJUSTED``,
            null where the provider has none.
        dividends: ``DIVIDENDS`` likewise.
        splits: ``SPLITS`` likewise.
        symbols: ``SYMBOLS``: profile and quote of every symbol that a provider described, and the quote's ``session``.
        failures: Symbols that nobody answered.
        refused_files: What is wrong with each file that was not taken.
        dropped_null_bars: Sessions without a close that were left out, by symbol, where there were any.
        first_traded: From when on each symbol was traded at all, where its provider said so.
        unknown_to: Who was asked before and calls a symbol unknown that somebody else has answered, by symbol.
    """

    prices: pl.DataFrame
    dividends: pl.DataFrame
    splits: pl.DataFrame
    symbols: pl.DataFrame
    failures: tuple[Failure, ...]
    refused_files: tuple[str, ...]
    dropped_null_bars: Mapping[str, int]
    first_traded: Mapping[str, date]
    unknown_to: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Answered:
    source: str
    request: PriceRequest
    answer: PriceAnswer
    unknown_to: tuple[str, ...] = ()


def fetch_prices(
    sources: Mapping[str, Source] | Sequence[Source],
    requests: Iterable[PriceRequest],
    *,
    guard: Guard,
    now: datetime,
    until: date | None = None,
) -> FetchResult:
    """Fetch every symbol from the first source that answers, and everything from those that are taken whole.

    What nobody has of as far back as it is wanted is taken as far back as somebody has it; it is among the failures all
    the same, with what was said of the rest. What is taken whole comes after the others' rows of the same day.

    Args:
        sources: In the order in which to ask.
        requests: One a symbol.
        guard: How they are asked.
        now: The present, in UTC; becomes ``fetched_at``.
        until: Last day of what is taken whole; None is the present's.
    """
    asked = in_order(sources)
    answered, failures = _instruments(guard, asked, list(requests), now)
    wholes, refused, unread = taken_whole(guard, asked, _everything(until or now.date(), _currencies(answered)))
    failures += unread
    parts = [(one.source, one.answer) for one in answered if one.source not in wholes] + list(wholes.items())
    return FetchResult(
        prices=_with_adjusted(stacked([(name, answer.prices) for name, answer in parts], PRICES, now), parts),
        dividends=stacked([(name, answer.dividends) for name, answer in parts], DIVIDENDS, now),
        splits=stacked([(name, answer.splits) for name, answer in parts], SPLITS, now),
        symbols=pl.DataFrame([row for one in answered if (row := _symbol_row(one, now)) is not None], schema=SYMBOLS),
        failures=tuple(failures),
        refused_files=refused,
        dropped_null_bars={
            one.request.symbol: one.answer.dropped_null_bars for one in answered if one.answer.dropped_null_bars
        },
        first_traded={one.request.symbol: day for one in answered if (day := one.answer.first_traded) is not None},
        unknown_to={one.request.symbol: one.unknown_to for one in answered if one.unknown_to},
    )


def _prices(request: PriceRequest, now: datetime) -> Question[PriceAnswer]:
    # Not by the moment: two who ask at nearly the same one are both well served by the earlier.
    return Question(
        kind=PRICES_KIND,
        about=request.symbol,
        key=request,
        put=lambda source: _priced(source, request, now),
        stored_until=request.stored_until,
    )


def _priced(source: Source, request: PriceRequest, now: datetime) -> PriceAnswer:
    """Return what a source answers, if it has a price or there need be none.

    Raises:
        NoPricesError: If it has no price of a window in which the instrument was traded: it is longer than a week, or a
            day of it is stored. What the source says was traded only later need have none.
    """
    answer = source.prices(request, now=now)
    end = request.end or now.date()
    start = max(request.start or date.min, answer.first_traded or date.min)
    stored = request.stored_until is not None and start <= request.stored_until <= end
    if answer.prices.is_empty() and (stored or end - start > WEEK):
        raise NoPricesError(source.name, request.ticker, f"not one from {request.start or 'the first day'} to {end}")
    return answer


def _instruments(
    guard: Guard, sources: Sequence[Source], requests: Sequence[PriceRequest], now: datetime
) -> tuple[list[_Answered], list[Failure]]:
    """Return what was answered and what was not; of what goes back less far than was asked for, both."""
    outcomes = ask_all(guard, sources, [_prices(request, now) for request in requests])
    nearer = _less_far_back(requests, outcomes)
    again: dict[int, Answered[PriceAnswer] | Failure] = {}
    if nearer:
        tellers = [one for one in sources if any(one.name == error.source for _, error in nearer.values())]
        said = ask_all(guard, tellers, [_prices(request, now) for request, _ in nearer.values()])
        again = dict(zip(nearer, said, strict=True))
    answered, failures = [], []
    for number, (request, outcome) in enumerate(zip(requests, outcomes, strict=True)):
        later = again.get(number, outcome)
        if not isinstance(later, Failure):
            asked = nearer[number][0] if number in nearer else request
            unknown_to = tuple(error.source for error in outcome.errors if isinstance(error, UnknownSymbolError))
            answered.append(_Answered(source=later.source, request=asked, answer=later.answer, unknown_to=unknown_to))
        if isinstance(outcome, Failure):
            failures.append(_both(outcome, later) if isinstance(later, Failure) else outcome)
    return answered, failures


def _less_far_back(
    requests: Iterable[PriceRequest], outcomes: Iterable[Answered[PriceAnswer] | Failure]
) -> dict[int, tuple[PriceRequest, TooFarBackError]]:
    """Return, by their place, requests for as far back as a source goes that nobody answered for all of it."""
    found = {}
    for number, (request, outcome) in enumerate(zip(requests, outcomes, strict=True)):
        errors = outcome.errors if isinstance(outcome, Failure) else ()
        refused = [error for error in errors if isinstance(error, TooFarBackError)]
        since = min((error.since for error in refused), default=None)
        if since is not None and (request.end is None or since <= request.end):
            found[number] = replace(request, start=since, events_from=request.events_start), refused[0]
    return found


def _both(first: Failure, later: Failure) -> Failure:
    """Return what every source said last."""
    said = {error.source: error for error in (*first.errors, *later.errors)}
    return Failure(symbol=first.symbol, errors=tuple(said.values()))


def _everything(until: date, said: Mapping[str, Collection[str]]) -> Question[Taken[PriceAnswer]]:
    return Question(
        kind="everything",
        about="everything",
        key=(until, frozenset((symbol, *sorted(codes)) for symbol, codes in said.items())),
        put=lambda source: cast("Whole", source).everything(until, said),
    )


def _currencies(answered: Iterable[_Answered]) -> dict[str, set[str]]:
    """Return the currencies of the prices that were answered, by symbol; what is taken whole does not bind itself."""
    said: dict[str, set[str]] = {}
    for one in answered:
        if one.source != market.OWN_FILES and one.answer.prices.height:
            said[one.request.symbol] = set(one.answer.prices["currency"])
    return said


def _with_adjusted(prices: pl.DataFrame, parts: Iterable[tuple[str, PriceAnswer]]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=ADJUSTED).with_columns(source=pl.lit(None, pl.String))
    told = [answer.adjusted.with_columns(source=pl.lit(source)) for source, answer in parts]
    adjusted = pl.concat([empty, *told])
    return prices.join(adjusted, on=["symbol", "date", "source"], how="left", maintain_order="left")


def _symbol_row(one: _Answered, now: datetime) -> dict[str, object] | None:
    if one.answer.profile is None:
        return None
    quote = asdict(one.answer.quote) | {"price_source": one.source} if one.answer.quote is not None else {}
    if one.answer.quote is not None:
        # A clock that is ahead would else keep its price from ever being replaced.
        quote["last_price_at"] = min(one.answer.quote.last_price_at, now)
    return {
        "symbol": one.request.symbol,
        "provider_symbol": one.request.provider_symbol,
        **asdict(one.answer.profile),
        **quote,
    }
