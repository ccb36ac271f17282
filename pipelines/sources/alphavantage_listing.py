"""What Alpha Vantage says an instrument is: from an overview, else from a search.

Belongs here: profile, description, unit of price. Does not: prices (`alphavantage_parse`), asking (`alphavantage`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.sources.alphavantage_answer import Found, Overview
from pipelines.sources.alphavantage_codes import ASSET_CLASS, COUNTRY, MIC, PRICE_UNIT, Exchange
from pipelines.sources.base import Description, Profile
from pipelines.sources.yahoo_codes import Unit, unit_of


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What must be known of an instrument before its prices can be read.

    Args:
        profile: What it is; its unit of price is that of all its amounts.
        exchange: Where it trades; None where that is not known.
    """

    profile: Profile
    exchange: Exchange | None

    @property
    def unit(self) -> Unit:
        """Return the unit of prices and dividends, the one that Alpha Vantage states of a listing."""
        return unit_of(self.profile.price_unit)


def described(overview: Overview) -> Description:
    """Return country, sector and industry, spelt as others spell them."""
    country = overview.country and COUNTRY.get(overview.country, _spelt(overview.country))
    return Description(country=country, sector=_spelt(overview.sector), industry=_spelt(overview.industry))


def listing_of_overview(overview: Overview, exchange: Exchange | None) -> Listing | None:
    """Return what an overview says of an instrument; None where it does not say the currency."""
    if overview.currency is None:
        return None
    behind = described(overview)
    profile = Profile(
        currency=unit_of(_unit(overview.currency)).currency,
        price_unit=_unit(overview.currency),
        name=overview.name,
        asset_class=ASSET_CLASS.get(overview.asset_type or ""),
        exchange=MIC.get((overview.exchange or "").upper()),
        country=behind.country,
        sector=behind.sector,
        industry=behind.industry,
    )
    return Listing(profile=profile, exchange=exchange)


def listing_of_search(found: Sequence[Found], ticker: str, exchange: Exchange | None) -> Listing | None:
    """Return what a search says of the very instrument; None where it lacks it or its currency."""
    same = [match for match in found if match.symbol.upper() == ticker.upper() and match.currency is not None]
    if not same or same[0].currency is None:
        return None
    profile = Profile(
        currency=unit_of(_unit(same[0].currency)).currency,
        price_unit=_unit(same[0].currency),
        name=same[0].name,
        asset_class=ASSET_CLASS.get(same[0].type or ""),
        exchange=exchange.mic if exchange is not None else None,
    )
    return Listing(profile=profile, exchange=exchange)


def _unit(code: str) -> str:
    return PRICE_UNIT.get(code, code)


def _spelt(name: str | None) -> str | None:
    return name.title() if name is not None and name.isupper() else name
