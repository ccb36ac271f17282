"""Which country a name stands for, as a map of the world calls it.

Belongs here: names in English to ISO 3166 codes. Does not: shapes (`static/world_110m.json`), weights (`allocation`).
"""

from functools import cache

from babel import Locale
from babel.core import get_global

_ALPHA_2, _ALPHA_3 = 2, 3
_ALSO = {
    "america": "US",
    "bahamas": "BS",
    "burma": "MM",
    "czech republic": "CZ",
    "great britain": "GB",
    "hong kong": "HK",
    "ivory coast": "CI",
    "korea": "KR",
    "korea, republic of": "KR",
    "macao": "MO",
    "macau": "MO",
    "myanmar": "MM",
    "palestine": "PS",
    "republic of korea": "KR",
    "russian federation": "RU",
    "taiwan, province of china": "TW",
    "the bahamas": "BS",
    "the netherlands": "NL",
    "turkey": "TR",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "usa": "US",
    "viet nam": "VN",
}
"""Names that providers use and the Unicode register does not."""


def code(country: str) -> str | None:
    """Return the alpha-3 code of a country that is named in English, None where there is none of that name.

    >>> code("South Korea"), code("Atlantis")
    ('KOR', None)
    """
    two = _named().get(country.strip().lower())
    return None if two is None else alpha_3(two)


@cache
def _named() -> dict[str, str]:
    """Return alpha-2 codes by name in lower case."""
    names = Locale("en").territories.items()
    return {name.lower(): two for two, name in names if len(two) == _ALPHA_2 and two.isalpha()} | _ALSO


@cache
def alpha_3(two: str) -> str | None:
    """Return the alpha-3 code of an alpha-2 one; of several, the one that is not of a country that is gone.

    >>> alpha_3("DE")
    'DEU'
    """
    aliases = get_global("territory_aliases").items()
    known = [alias for alias, now in aliases if len(alias) == _ALPHA_3 and alias.isalpha() and now == [two]]
    return max(known, key=lambda alias: [a == b for a, b in zip(alias, two, strict=False)], default=None)
