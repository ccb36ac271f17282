"""What Alpha Vantage means when it answers with a sentence instead of data.

Belongs here: telling its refusals apart; they come with HTTP 200, in words. Does not: HTTP (`alphavantage_client`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import quote, quote_plus

from pipelines.sources.errors import (
    BadKeyError,
    MalformedAnswerError,
    QuotaError,
    RateLimitError,
    SourceError,
    UnknownSymbolError,
    UnsupportedError,
)

Refusal = Callable[[str, str | None, str], SourceError]

_QUOTA_OF_A_DAY = partial(QuotaError, renewed_within=timedelta(days=1))
_IN_ORDER: Sequence[tuple[Sequence[str], Refusal]] = (
    (("invalid api call", "invalid inputs"), UnknownSymbolError),
    (("apikey is invalid", "demo** api key", "demo api key"), BadKeyError),
    (("premium endpoint", "premium feature"), UnsupportedError),
    # What asks for fewer requests at a time may mention the quota of a day too, so it comes before that.
    (("per second", "per minute", "spreading out", "burst pattern", "call volume"), RateLimitError),
    (("per day", "daily rate limit"), _QUOTA_OF_A_DAY),
    (("api function",), UnsupportedError),
)
"""Wordings (lower case, any of them) and what they mean; the first that fits counts."""

_OF_LIMITS = ("exceeded", "limit", "quota", "requests")


def _notice(source: str, about: str | None, worded: str) -> SourceError:
    """Return what a notice in new words means: where it speaks of limits, every symbol would hear the same."""
    limits = any(word in worded.lower() for word in _OF_LIMITS)
    return (_QUOTA_OF_A_DAY if limits else MalformedAnswerError)(source, about, worded)


_OTHERWISE: Mapping[str, Refusal] = {
    "Error Message": MalformedAnswerError,
    "Information": _notice,
    "Note": RateLimitError,
}
"""Where Alpha Vantage says such things, and what one means that is worded in a new way."""


HIDDEN = "(key)"


def refusal(said: Mapping[str, object], source: str, about: str | None, *, secret: str) -> SourceError | None:
    """Return the error that an answer stands for, None where it is data.

    Args:
        said: The answer; without anything in it, Alpha Vantage does not know what it was asked about.
        source: The provider's name.
        about: What was asked for.
        secret: The key; Alpha Vantage's notices repeat it, the error does not.
    """
    if not said:
        return UnknownSymbolError(source, about, "an empty answer")
    for name, otherwise in _OTHERWISE.items():
        if name in said:
            worded = " ".join(str(said[name]).split())
            return _meaning(worded.lower(), otherwise)(source, about, without_key(worded, secret))
    return None


def without_key(text: str, secret: str) -> str:
    """Return a text of Alpha Vantage's without the key in it, as it is or as an address would have it."""
    written = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    longest_first = sorted(written, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), HIDDEN, text, flags=re.IGNORECASE)


def _meaning(worded: str, otherwise: Refusal) -> Refusal:
    return next((means for parts, means in _IN_ORDER if any(part in worded for part in parts)), otherwise)
