"""What was asked, how well it could be answered, and where it comes from.

Belongs here: the head of the document. Does not: its sections.
"""

import datetime as dt

from pydantic import Field

from pipelines.portfolio.models.values import CostMethod, Exact, Model, Ratio

SCHEMA_VERSION = 1


class Warning_(Model):  # noqa: N801 - the builtin has the plain name
    """Why a figure is missing or to be read with care."""

    code: str
    message: str
    data: dict[str, str | int | float | bool | list[str] | list[float] | None] = Field(default_factory=dict)


class Provenance(Model):
    """Where the document comes from."""

    engine_version: str
    ledger_version: int | None = None
    publication_id: str | None = None
    portfolio_id: str | None = None
    portfolio_name: str | None = None
    known_on: dt.date | None = None
    stated_closes: dict[str, dt.date] = Field(
        default_factory=dict, description="Day of the last close of an instrument that the owner states."
    )
    timings: dict[str, float] = Field(default_factory=dict)


class Completeness(Model):
    """How much of the value is covered by a price and a rate, and how fresh they are."""

    holdings: int
    priced: int
    stale: int
    missing: int
    stale_value: Exact
    stale_weight: Ratio
    missing_symbols: list[str] = Field(default_factory=list)
    stale_symbols: list[str] = Field(default_factory=list)
    missing_fx: list[str] = Field(default_factory=list)
    stale_fx: list[str] = Field(default_factory=list)
    missing_cost: Exact
    ignored_future_rows: int = 0
    is_complete: bool


class Heading(Model):
    """What was asked of which portfolio, and how well it could be answered."""

    schema_version: int = SCHEMA_VERSION
    as_of: dt.date
    since: dt.date | None
    base_currency: str
    cost_method: CostMethod
    account: str | None = None
    warnings: list[Warning_]
    provenance: Provenance
    completeness: Completeness
