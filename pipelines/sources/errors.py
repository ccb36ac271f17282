"""What can go wrong between Folioduck and a provider, each error with its data.

Belongs here: every error the `sources` package raises. Does not: deciding what to do about one (`fetch`).
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, ClassVar


class SourceError(Exception):
    """Any failure of a provider.

    Args:
        source: The provider's name.
        symbol: What was asked for; None where the failure is not about one instrument.
        detail: What the provider said or did, in one line.
    """

    transient: ClassVar[bool] = False
    """Whether the same request may succeed a little later."""
    kind: ClassVar[str] = "error"

    def __init__(self, source: str, symbol: str | None, detail: str) -> None:
        detail = detail.encode(errors="backslashreplace").decode()  # it is recorded: no half of a character can be
        about = f" about {symbol}" if symbol is not None else ""
        super().__init__(f"{source}{about}: {self.kind}: {detail}")
        self.source = source
        self.symbol = symbol
        self.detail = detail

    def __reduce__(self) -> tuple[Callable[..., "SourceError"], tuple[Any, ...]]:
        return type(self), (self.source, self.symbol, self.detail)


class UnknownSymbolError(SourceError):
    """The provider does not know the instrument."""

    kind = "unknown symbol"


class NoPricesError(SourceError):
    """The provider has no price of days of which there must be some: an answer without any is none."""

    kind = "no prices"


class UnsupportedError(SourceError):
    """The provider does not give this kind of data at all."""

    kind = "not supported"


class TooFarBackError(UnsupportedError):
    """The provider gives no prices of before a day, ``since``, and was asked for some."""

    kind = "not that far back"

    def __init__(self, source: str, symbol: str | None, detail: str, *, since: date) -> None:
        super().__init__(source, symbol, detail)
        self.since = since

    def __reduce__(self) -> tuple[Callable[..., "SourceError"], tuple[Any, ...]]:
        return partial(type(self), since=self.since), (self.source, self.symbol, self.detail)


class MalformedAnswerError(SourceError):
    """The provider answered with something that cannot be read."""

    kind = "malformed answer"


class GarbledAnswerError(MalformedAnswerError):
    """The provider answered with nothing that it promises: a page where JSON is due, or JSON that breaks off."""

    transient = True


class LaterError(SourceError):
    """The provider answers nobody for now; ``retry_after_seconds`` where it says for how long."""

    transient = True

    def __init__(self, source: str, symbol: str | None, detail: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(source, symbol, detail)
        self.retry_after_seconds = retry_after_seconds

    def __reduce__(self) -> tuple[Callable[..., "SourceError"], tuple[Any, ...]]:
        return type(self), (self.source, self.symbol, self.detail, self.retry_after_seconds)


class RateLimitError(LaterError):
    """The provider wants fewer requests."""

    kind = "rate limit"


class SourceDownError(LaterError):
    """The provider could not be reached, broke off, or says that it is down."""

    kind = "down"


class QuotaError(SourceError):
    """All requests that the provider grants for a longer time are used up; asking again soon is in vain.

    Args:
        source: The provider's name.
        symbol: What was asked for.
        detail: What the provider said.
        renewed_within: After how long there are new requests at the latest; None where the provider does not say.
    """

    kind = "quota used up"

    def __init__(
        self, source: str, symbol: str | None, detail: str, *, renewed_within: timedelta | None = None
    ) -> None:
        super().__init__(source, symbol, detail)
        self.renewed_within = renewed_within

    def __reduce__(self) -> tuple[Callable[..., "SourceError"], tuple[Any, ...]]:
        return partial(type(self), renewed_within=self.renewed_within), (self.source, self.symbol, self.detail)


class BadKeyError(SourceError):
    """The provider does not take the key that it was asked with."""

    kind = "bad key"


class LeftAloneError(SourceError):
    """The provider was not asked: it failed too often, or wants no request for now."""

    kind = "left alone"


class QuotaSpentError(SourceError):
    """The provider was not asked: as many requests as a day has were sent."""

    kind = "quota spent"
