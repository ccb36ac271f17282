"""Asking providers what is behind a symbol: country, sector, industry.

Belongs here: the questions, and the collection of answers and failures. Does not: whom a run asks about
(`pipelines.descriptions`), prices (`fetch`), any provider's protocol, writing anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import cast

import polars as pl

from pipelines.sources.base import Describer, Description, PriceRequest, Source
from pipelines.sources.collected import in_order
from pipelines.sources.fetch import SYMBOLS
from pipelines.sources.resilience import Guard, Question
from pipelines.sources.rounds import Failure, ask_all

DESCRIPTIONS = pl.Schema({name: SYMBOLS[name] for name in ("symbol", "country", "sector", "industry")})


@dataclass(frozen=True, kw_only=True)
class DescriptionsResult:
    """What is behind each symbol (``DESCRIPTIONS``), and the symbols that nobody could describe."""

    descriptions: pl.DataFrame
    failures: tuple[Failure, ...]


def fetch_descriptions(
    sources: Mapping[str, Source] | Sequence[Source],
    requests: Iterable[PriceRequest],
    *,
    guard: Guard,
) -> DescriptionsResult:
    """Fetch what is behind each symbol from the first source that can say; it takes requests of its own.

    Args:
        sources: In the order in which to ask; those that describe nothing are passed over.
        requests: One a symbol.
        guard: How they are asked.
    """
    asked = [one for one in in_order(sources) if isinstance(one, Describer)]
    rows: list[dict[str, object]] = []
    failures: list[Failure] = []
    wanted = list(requests)
    outcomes = ask_all(guard, asked, [_description(request) for request in wanted])
    for request, outcome in zip(wanted, outcomes, strict=True):
        if isinstance(outcome, Failure):
            failures.append(outcome)
        else:
            rows.append({"symbol": request.symbol, **asdict(outcome.answer)})
    return DescriptionsResult(descriptions=pl.DataFrame(rows, schema=DESCRIPTIONS), failures=tuple(failures))


def _description(request: PriceRequest) -> Question[Description]:
    return Question(
        kind="description",
        about=request.symbol,
        key=request.ticker,
        put=lambda source: cast("Describer", source).describe(request),
    )
