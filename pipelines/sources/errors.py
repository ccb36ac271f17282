"""What can go wrong between Folioduck and a provider, each error with its data.

Belongs here: every error the `sources` package raises. Does not: deciding what to do about one (`fetch`).
"""

from typing import ClassVar


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
        about = f" about {symbol}" if symbol is not None else ""
        super().__init__(f"{source}{about}: {self.kind}: {detail}")
        self.source = source
        self.symbol = symbol
        self.detail = detail

    def __reduce__(self) -> tuple[type["SourceError"], tuple[str, str | None, str]]:
        return type(self), (self.source, self.symbol, self.detail)


class UnknownSymbolError(SourceError):
    """The provider does not know the instrument."""

    kind = "unknown symbol"


class UnsupportedError(SourceError):
    """The provider does not give this kind of data at all."""

    kind = "not supported"


class MalformedAnswerError(SourceError):
    """The provider answered with something that cannot be read."""

    kind = "malformed answer"


class RateLimitError(SourceError):
    """The provider wants fewer requests."""

    kind = "rate limit"
    transient = True


class SourceDownError(SourceError):
    """The provider could not be reached, broke off, or says that it is down."""

    kind = "down"
    transient = True
