"""How long a provider that wants fewer requests, or is down, says to wait.

Belongs here: reading ``Retry-After``. Does not: waiting (`resilience`).
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str | None]) -> float | None:
    """Return the seconds of an answer's ``Retry-After``; None where it has none that can be read.

    A moment is taken against the answer's own ``Date``, so that no clock of ours needs to be right.

    >>> retry_after({"Retry-After": "7"})
    7.0
    """
    said = headers.get("Retry-After")
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    until, sent = _moment(said), _moment(headers.get("Date"))
    return None if until is None or sent is None else max(0.0, (until - sent).total_seconds())


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
