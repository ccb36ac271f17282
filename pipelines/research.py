"""What people look up on demand: search, financial statements, news.

Belongs here: putting a look-up to the sources in order, keeping the last answer with its age, and not keeping people
waiting. Does not: any provider (`pipelines.sources`), the market's histories, which are fetched by runs
(`pipelines.defs`), pages.
"""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import polars as pl
from pydantic import TypeAdapter

from pipelines.providers.limits import limits_of
from pipelines.sources.base import PriceRequest, Source
from pipelines.sources.in_flight import in_flight_of
from pipelines.sources.lookups import STATEMENTS, Article, Match, NewsDesk, Reporter, Searcher, StatementKind
from pipelines.sources.resilience import Guard, Patience, Question
from pipelines.sources.rounds import Failure, first_answer
from pipelines.sources.writable import writable
from warehouse.ops import Ops
from warehouse.ops.lookups import Kept, Lookups
from warehouse.settings import Settings

__all__ = [
    "STATEMENTS",
    "Article",
    "Found",
    "Lookup",
    "Match",
    "Research",
    "StatementKind",
    "news",
    "research_of",
    "search",
    "statements",
]

WAIT_SECONDS = 8.0
"""How long people wait; an answer that comes later is kept all the same."""
EMPTY_FRESH_FOR = dt.timedelta(hours=1)
"""How long an answer without anything in it counts at most: a provider that is out of order finds nothing, too."""
ARTICLES = 20
_LONGEST_TEXT = 255
_NO_SOURCE = "FOLIO_PRICE_SOURCES names no provider that can be asked"
_AT_ONCE = 4

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Lookup(Generic[Answer]):
    """Something that can be looked up.

    Args:
        kind: What is asked for, such as ``news``.
        about: The text or symbol.
        fresh_for: For how long an answer is not asked for again.
        able: The Protocol of sources that can answer.
        put: Asks a source.
        written: An answer as JSON.
        read: The answer that JSON holds.
        is_empty: Whether an answer has nothing in it.
        insists: Whether the next source is asked where one has nothing.
    """

    kind: str
    about: str
    fresh_for: dt.timedelta
    able: type
    put: Callable[[Source], Answer]
    written: Callable[[Answer], str]
    read: Callable[[str], Answer]
    is_empty: Callable[[Answer], bool]
    insists: bool = True


@dataclass(frozen=True, kw_only=True)
class Found(Generic[Answer]):
    """What is known of a look-up.

    Args:
        answer: The last answer; None where nobody has ever answered.
        source: Who gave it.
        answered_at: When.
        trouble: Why nobody has answered just now; None where somebody has, or the answer is fresh.
    """

    answer: Answer | None = None
    source: str | None = None
    answered_at: dt.datetime | None = None
    trouble: str | None = None


_MATCHES = TypeAdapter(tuple[Match, ...])
_ARTICLES = TypeAdapter(tuple[Article, ...])


def search(text: str) -> Lookup[tuple[Match, ...]]:
    """Return the look-up of what a name, a symbol or a part of one may mean."""
    asked = writable(" ".join(text.split())[:_LONGEST_TEXT])
    return Lookup(
        kind="search",
        about=asked.lower(),
        fresh_for=dt.timedelta(days=7),
        able=Searcher,
        put=lambda source: cast("Searcher", source).search(asked),
        written=lambda answer: _MATCHES.dump_json(answer).decode(),
        read=_MATCHES.validate_json,
        is_empty=lambda answer: not answer,
    )


def news(symbol: str, provider_symbol: str | None = None) -> Lookup[tuple[Article, ...]]:
    """Return the look-up of the last articles about an instrument."""
    request = PriceRequest(symbol=symbol, provider_symbol=provider_symbol)
    return Lookup(
        kind="news",
        about=symbol,
        fresh_for=dt.timedelta(minutes=15),
        able=NewsDesk,
        put=lambda source: cast("NewsDesk", source).news(request, limit=ARTICLES),
        written=lambda answer: _ARTICLES.dump_json(answer).decode(),
        read=_ARTICLES.validate_json,
        is_empty=lambda answer: not answer,
        insists=False,  # that there is no news is an answer, and quotas are for prices
    )


def statements(symbol: str, kind: StatementKind, provider_symbol: str | None = None) -> Lookup[pl.DataFrame]:
    """Return the look-up of an instrument's statements of one kind, schema ``STATEMENTS``."""
    request = PriceRequest(symbol=symbol, provider_symbol=provider_symbol)
    return Lookup(
        kind=f"statements {kind.value}",
        about=symbol,
        fresh_for=dt.timedelta(days=1),
        able=Reporter,
        put=lambda source: cast("Reporter", source).statements(request, kind),
        written=_statements_written,
        read=_statements_read,
        is_empty=lambda answer: answer.is_empty(),
    )


def _statements_written(frame: pl.DataFrame) -> str:
    return json.dumps(frame.cast(pl.String).rows())


def _statements_read(document: str) -> pl.DataFrame:
    texts = pl.DataFrame(json.loads(document), schema=dict.fromkeys(STATEMENTS, pl.String), orient="row")
    return texts.with_columns(pl.col("ended_on").str.to_date("%Y-%m-%d")).cast(STATEMENTS)


class Research:
    """Looks things up: the first source that has something counts, its answer is kept, and nobody waits for long.

    Args:
        sources: In the order in which to ask.
        guard: How they are asked.
        lookups: Where answers are kept.
        wait_seconds: How long to wait for one.
        no_source: Why there is no source, where there is none.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        guard: Guard,
        lookups: Lookups,
        wait_seconds: float = WAIT_SECONDS,
        no_source: str = _NO_SOURCE,
    ) -> None:
        self._sources = sources
        self._guard = guard
        self._lookups = lookups
        self._wait_seconds = wait_seconds
        self._no_source = no_source
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="research")

    def last(self, lookup: Lookup[Answer]) -> Found[Answer]:
        """Return the last answer, without asking anybody."""
        kept = self._lookups.last(lookup.kind, lookup.about)
        if kept is None:
            return Found()
        return Found(answer=lookup.read(kept.document), source=kept.source, answered_at=kept.answered_at)

    def ask(self, lookup: Lookup[Answer]) -> Found[Answer]:
        """Ask the sources in order, unless the last answer is fresh; the last one counts where nobody answers."""
        last = self.last(lookup)
        if last.answered_at is not None and self._guard.clock() - last.answered_at < _fresh_for(lookup, last.answer):
            return last
        able = [source for source in self._sources if isinstance(source, lookup.able)]
        if not able:
            return _with(last, self._no_source)
        asking = self._threads.submit(self._asked, able, lookup)
        try:
            said = asking.result(timeout=self._wait_seconds)
        except TimeoutError:
            names = ", ".join(source.name for source in able)
            return _with(last, f"{names}: no answer within {self._wait_seconds:g} s; it is kept when it comes")
        return _with(last, said) if isinstance(said, str) else said

    def _asked(self, able: Sequence[Source], lookup: Lookup[Answer]) -> Found[Answer] | str:
        """Return the answer, which is kept, or why there is none."""
        question: Question[Any] = Question(
            kind=lookup.kind, about=lookup.about, key=(lookup.kind, lookup.about), put=lookup.put
        )
        outcome = self._first(able, lookup, question)
        if isinstance(outcome, Failure):
            return str(outcome)
        source, answer = outcome
        now = self._guard.clock()
        self._lookups.keep(lookup.kind, lookup.about, Kept(source, now, lookup.written(answer)))
        return Found(answer=answer, source=source, answered_at=now)

    def _first(
        self, able: Sequence[Source], lookup: Lookup[Answer], question: Question[Answer]
    ) -> tuple[str, Answer] | Failure:
        """Return the first answer with something in it, else the first one, else what each source said."""
        outcome = first_answer(self._guard, able, question)
        if isinstance(outcome, Failure) or not (lookup.insists and lookup.is_empty(outcome[1])):
            return outcome
        names = [source.name for source in able]
        others = able[names.index(outcome[0]) + 1 :]
        following = self._first(others, lookup, question) if others else outcome
        return outcome if isinstance(following, Failure) or lookup.is_empty(following[1]) else following


def _fresh_for(lookup: Lookup[Answer], answer: Answer | None) -> dt.timedelta:
    empty = answer is None or lookup.is_empty(answer)
    return min(lookup.fresh_for, EMPTY_FRESH_FOR) if empty else lookup.fresh_for


def _with(last: Found[Answer], trouble: str) -> Found[Answer]:
    return Found(answer=last.answer, source=last.source, answered_at=last.answered_at, trouble=trouble)


def _system_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def research_of(settings: Settings, ops: Ops, *, clock: Callable[[], dt.datetime] = _system_clock) -> Research:
    """Return what looks things up at the sources of the settings; making it asks nobody.

    Args:
        settings: Name the sources, their addresses and limits.
        ops: Keeps answers, and what processes share about providers.
        clock: Says the time.
    """
    # The sources' own libraries are needed only by who looks something up.
    from pipelines.sources import registry  # noqa: PLC0415

    sources, why = [], _NO_SOURCE
    try:
        sources = registry.price_sources(settings)
    except (registry.UnknownSourceError, registry.MissingKeyError) as error:
        why = str(error)
    guard = Guard(
        providers=ops.providers(),
        clock=clock,
        # People are waiting: what a run asks for again and again is tried twice.
        patience=Patience(attempts=2, first_wait_seconds=0.5, longest_wait_seconds=1.0, longest_told_wait_seconds=2.0),
        limits=limits_of(settings),
        in_flight=in_flight_of(settings.ops_url),
    )
    return Research(sources, guard=guard, lookups=ops.lookups(), no_source=why)
