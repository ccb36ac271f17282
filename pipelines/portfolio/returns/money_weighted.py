"""Money-weighted returns: the rate at which flows are worth nothing, and what flows are worth at a rate.

Belongs here: flows with their days (or one a period) and a rate. Does not: which flows a view has (`periods`).
`pyxirr` finds the root; a scan finds what it does not, and tells how many there are (CALCULATIONS 5).
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pyxirr

from pipelines.portfolio.observations import FloatArray, finite

DAYS_A_YEAR = 365
_LOWEST, _HIGHEST = 1e-10, 1e10  # of 1 + rate: what is beyond comes of a gain or loss within days
_LARGEST_EXPONENT = 700.0  # of e: a rate beyond has no place in a double
ACT_365 = "act/365"
# What the field calls each way to count days, without case and punctuation.
_CONVENTIONS = {
    "ACT_365F": ("act365", "act365f", "act365fixed"),
    "ACT_365_25": ("act36525",),
    "ACT_364": ("act364",),
    "ACT_360": ("act360",),
    "ACT_ACT_ISDA": ("actact", "actactisda"),
    "NL_365": ("nl365", "act365nl", "act365noleap", "act365japanese"),
    "NL_360": ("nl360",),
    "THIRTY_360_ISDA": ("30360", "30360isda", "30a360", "bondbasis"),
    "THIRTY_U_360": ("30u360", "30360us", "30360sia", "30360nasd"),
    "THIRTY_E_360": ("30e360", "30360european", "30360icma", "30360isma", "eurobondbasis"),
    "THIRTY_E_PLUS_360": ("30e+360", "30eplus360"),
    "THIRTY_E_360_ISDA": ("30e360isda", "30360german"),
}
_BY_NAME = {name: convention for convention, names in _CONVENTIONS.items() for name in names}
# Rates that are tried for a change of sign: close together where they are usual.
_SCAN = tuple(
    10.0**exponent - 1 for exponent in (*range(-10, -2), *(step / 60 for step in range(-120, 121)), *range(3, 11))
)
# And beyond what is a rate to anybody: roots that only a gain or a loss of days has.
_FAR_BELOW = tuple(10.0**exponent - 1 for exponent in range(-15, -9))
_FAR_ABOVE = tuple(10.0**exponent for exponent in range(10, 300, 5))


class MoneyWeighted(NamedTuple):
    """A money-weighted return, or why there is none."""

    rate: float | None
    reason: str | None = None


def xirr(dates: Sequence[dt.date], amounts: Sequence[float], *, day_count: str = ACT_365) -> MoneyWeighted:
    """Return the annual rate at which flows and end value are worth nothing, counted from the first flow.

    Args:
        dates: ``(n_flows,)`` days, in any order.
        amounts: ``(n_flows,)``; what is put in is negative, what comes out (and the end value) positive.
        day_count: How days become years: ``act/365`` (as spreadsheets do), ``act/act``, ``act/360``, ``30/360``,
            ``30/360 SIA``, ``30E/360``, ``30E/360 ISDA``, ``30E+/360``, ``nl/365`` and the like.

    Returns:
        The rate as a fraction; None with a reason where flows do not change sign or fall on one day, where one is not
        known, and where no finite rate above -1 fits. A gain or loss within days makes it very large or close to -1.

    Raises:
        ValueError: ``day_count`` is not known.
    """
    convention = _convention(day_count)
    flows = [(day, amount) for day, amount in zip(dates, amounts, strict=True) if amount]
    days, values = [day for day, _ in flows], [amount for _, amount in flows]
    without = _no_rate(values)
    if without is not None:
        return without
    if min(days) == max(days):
        return MoneyWeighted(None, "one_day")
    if len(flows) == 2 and day_count == ACT_365:  # noqa: PLR2004 - one in, one out: most trades
        found = _between_two(*sorted(flows))
    else:
        found = pyxirr.xirr(days, values, silent=True, day_count=convention)
    return _checked(found, lambda far: xirr_roots(days, values, day_count=day_count, far=far))


def _between_two(first: tuple[dt.date, float], last: tuple[dt.date, float]) -> float | None:
    """Return the rate that makes one amount of another, None where it has no finite value."""
    growth = math.log(-last[1] / first[1]) * DAYS_A_YEAR / (last[0] - first[0]).days
    return math.expm1(growth) if growth < _LARGEST_EXPONENT else None


def irr(amounts: Sequence[float]) -> MoneyWeighted:
    """Return the rate a period at which flows, one a period, are worth nothing.

    Args:
        amounts: ``(n_periods,)``, the first at once; 0 in a period without a flow. Signs as for `xirr`.

    Returns:
        The rate of one period as a fraction; None with a reason, as for `xirr`.
    """
    without = _no_rate([amount for amount in amounts if amount])
    if without is not None:
        return without
    periods = np.arange(len(amounts), dtype=float)
    return _checked(pyxirr.irr(amounts, silent=True), lambda far: _roots(periods, amounts, far=far))


def xnpv(rate: float, dates: Sequence[dt.date], amounts: Sequence[float], *, day_count: str = ACT_365) -> float | None:
    """Return what flows are worth on the day of the first of them, at an annual rate.

    Args:
        rate: Annual, a fraction above -1.
        dates: ``(n_flows,)`` days, in any order; the earliest is the one that counts.
        amounts: ``(n_flows,)``, signs as for `xirr`.
        day_count: As for `xirr`.

    Returns:
        In the unit of the amounts; None without flows, for a rate of -1 or less, and where it has no finite value.
    """
    years = _years(dates, day_count)
    return _worth(rate, -years, amounts)


def xnfv(rate: float, dates: Sequence[dt.date], amounts: Sequence[float], *, day_count: str = ACT_365) -> float | None:
    """Return what flows are worth on the day of the last of them, at an annual rate; else as `xnpv`."""
    years = _years(dates, day_count)
    return _worth(rate, np.max(years, initial=0.0) - years, amounts)


def xirr_roots(
    dates: Sequence[dt.date], amounts: Sequence[float], *, day_count: str = ACT_365, far: bool = False
) -> tuple[float, ...]:
    """Return every real root above -1 that a scan of rates brackets, each refined; flows as for `xirr`.

    Args:
        dates: ``(n_flows,)``.
        amounts: ``(n_flows,)``.
        day_count: As for `xirr`.
        far: Look beyond 1 + rate from 1e-10 to 1e10 too, where gains and losses of days have theirs.
    """
    flows = sorted(zip(dates, amounts, strict=True))
    if not _changes_sign([amount for _, amount in flows]):
        return ()
    return _roots(_years([day for day, _ in flows], day_count), [amount for _, amount in flows], far=far)


def _no_rate(amounts: Sequence[float]) -> MoneyWeighted | None:
    if not all(map(math.isfinite, amounts)):
        return MoneyWeighted(None, "unknown_flow")
    return None if _changes_sign(amounts) else MoneyWeighted(None, "no_sign_change")


def _changes_sign(amounts: Sequence[float]) -> bool:
    return bool(amounts) and min(amounts) < 0 < max(amounts)


def _checked(found: float | None, scan: Callable[[bool], tuple[float, ...]]) -> MoneyWeighted:
    """Return the rate that was found, or what a scan finds: the nearest that is of use, else the nearest of all.

    Args:
        found: What the solver says.
        scan: Gives the roots; with True those beyond 1 + rate from 1e-10 to 1e10 too.
    """
    if found is not None and _LOWEST <= 1 + found <= _HIGHEST:
        return MoneyWeighted(found)
    roots = scan(False) or scan(True)
    if roots:
        return MoneyWeighted(min(roots, key=abs))
    far = found is not None and math.isfinite(found) and found > -1
    return MoneyWeighted(found) if far else MoneyWeighted(None, "no_root")


@cache
def _convention(day_count: str) -> pyxirr.DayCount:
    plain = re.sub(r"[^a-z0-9+]", "", day_count.lower()).replace("actual", "act").replace("thirty", "30")
    if plain not in _BY_NAME:
        raise ValueError(f"Days are not counted by {day_count!r}; it is one of {', '.join(sorted(_BY_NAME))}.")
    convention: pyxirr.DayCount = getattr(pyxirr.DayCount, _BY_NAME[plain])
    return convention


def _years(dates: Sequence[dt.date], day_count: str) -> FloatArray:
    """Years from the earliest date to each."""
    convention, start = _convention(day_count), min(dates, default=dt.date.min)
    if convention == pyxirr.DayCount.ACT_365F:
        return np.array([(day - start).days / DAYS_A_YEAR for day in dates], dtype=np.float64)
    return np.array([pyxirr.year_fraction(start, day, convention) for day in dates], dtype=np.float64)


def _worth(rate: float, years: FloatArray, amounts: Sequence[float]) -> float | None:
    # pyxirr's own sums refuse flows of one sign (xnfv) and panic without flows (xnpv).
    flows = np.array(amounts, dtype=np.float64)
    if flows.size != years.size:
        raise ValueError(f"{flows.size} amounts need as many dates, not {years.size}.")
    if not flows.size or not rate > -1:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return finite(float(np.sum(flows * np.power(1 + rate, years))))


def _roots(years: FloatArray, amounts: Sequence[float], *, far: bool = False) -> tuple[float, ...]:
    flows = np.array(amounts, dtype=np.float64)

    def present_value(rate: float) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.sum(flows * np.power(1 + rate, -years)))

    def between(rates: Sequence[float]) -> tuple[float, ...]:
        with np.errstate(over="ignore", invalid="ignore"):
            net = np.power.outer(1 + np.array(rates), -years) @ flows
        changes = (net[:-1] > 0) != (net[1:] > 0)
        found = np.flatnonzero(changes & np.isfinite(net[:-1]) & np.isfinite(net[1:]))
        return tuple(_bisected(rates[at], rates[at + 1], present_value) for at in found.tolist())

    if far:
        return between(_FAR_BELOW) + between(_SCAN) + between(_FAR_ABOVE)
    return between(_SCAN)


def _bisected(low: float, high: float, present_value: Callable[[float], float]) -> float:
    rising = present_value(low) <= 0
    while high - low > 1e-15 * max(1.0, abs(low)):
        middle = (low + high) / 2
        if (present_value(middle) <= 0) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2
