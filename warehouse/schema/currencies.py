"""Which currencies there are: those of Unicode's CLDR, today's and former ones, as ISO 4217 names them.

Belongs here: whether a code is a currency's. Does not: rates, how an amount reads.
"""

from functools import cache

_NO_CURRENCIES = {"XXX", "XTS"}  # "no currency" and "for testing"


@cache
def currency_codes() -> frozenset[str]:
    """Return the codes; what exchanges call the hundredth of one (GBX, ILA, ZAC) is not among them."""
    from babel.core import get_global  # noqa: PLC0415 - 50 ms, for those only who check a code

    return frozenset(get_global("all_currencies")) - _NO_CURRENCIES
