"""Exact arithmetic on scaled integers: what makes the engine both exact and fast.

Belongs here: scales, rounding half-even, and the ways in from and out to `Decimal`. Does not: meaning.
Money and prices are integers of 1e-8, quantities integers of 1e-10 (a `Fraction` of them after odd splits).
"""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from fractions import Fraction

import polars as pl
from msgspec import Struct

MONEY_SCALE = 8
UNITS_SCALE = 10
ONE_MONEY: int = 10**MONEY_SCALE
ONE_UNIT: int = 10**UNITS_SCALE
_WIDE = Context(prec=60)
_MONEY_QUANTUM = Decimal(1).scaleb(-MONEY_SCALE)  # times an integer is faster than shifting its exponent
_UNITS_QUANTUM = Decimal(1).scaleb(-UNITS_SCALE)

Units = int | Fraction
Amount = int | None


class Ratio(Struct, frozen=True, gc=False):
    """An exact quotient; ``den`` is positive."""

    num: int
    den: int


ONE = Ratio(1, 1)


def div_half_even(numerator: int, denominator: int) -> int:
    """Return the quotient rounded half-even; the denominator is positive.

    >>> [div_half_even(5, 2), div_half_even(7, 2), div_half_even(-5, 2)]
    [2, 4, -2]
    """
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


def scaled(amount: int, ratio: Ratio) -> int:
    """Return ``amount`` x ``ratio``, rounded once."""
    return amount if not amount or ratio.num == ratio.den else div_half_even(amount * ratio.num, ratio.den)


def converted(amount: Amount, ratio: Ratio | None) -> Amount:
    """Return ``amount`` x ``ratio``, None where either is not known."""
    return None if amount is None or ratio is None else scaled(amount, ratio)


def pro_rata(amount: int, part: Units, whole: Units) -> int:
    """Return the share of ``amount`` that falls on ``part`` of ``whole``, rounded half-even."""
    if type(part) is not int or type(whole) is not int:
        return round(amount * Fraction(part) / Fraction(whole))
    if whole < 0:
        part, whole = -part, -whole
    quotient, rest = divmod(amount * part, whole)  # as `div_half_even`, without its call: lots are cut by the million
    twice = 2 * rest
    return quotient + 1 if twice > whole or (twice == whole and quotient & 1) else quotient


def plus(first: Amount, second: Amount) -> Amount:
    """Return the sum, None where either is not known."""
    return None if first is None or second is None else first + second


def minus(first: Amount, second: Amount) -> Amount:
    """Return the difference, None where either is not known."""
    return None if first is None or second is None else first - second


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the sum, None where one is not known."""
    result = 0
    for amount in amounts:
        if amount is None:
            return None
        result += amount
    return result


def whole(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of decimals, None where one is not known."""
    result = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        result += amount
    return result


def ratio_of(part: Amount, whole: Amount) -> float | None:
    """Return part / whole as a fraction, None where either is not known or the whole is not positive."""
    return part / whole if part is not None and whole is not None and whole > 0 else None


def worth(units: Units, price: int) -> int:
    """Return units (1e-10) x price (1e-8) as money (1e-8), rounded once."""
    if isinstance(units, int):
        return div_half_even(units * price, ONE_UNIT)
    exact: Fraction = units * Fraction(price, ONE_UNIT)
    return round(exact)


def worth_at(units: Units, price: Ratio) -> int:
    """Return units x a price that may be no integer as money, rounded once."""
    if isinstance(units, int):
        return div_half_even(units * price.num, ONE_UNIT * price.den)
    return round(Fraction(units * price.num) / (ONE_UNIT * price.den))


def worth_in(units: int, price: Ratio, rate: Ratio) -> int:
    """Return units x price x rate as money, rounded once."""
    return div_half_even(units * price.num * rate.num, ONE_UNIT * price.den * rate.den)


def whole_units(units: Units) -> int:
    """Return units rounded to the tenth decimal."""
    return units if isinstance(units, int) else round(units)


def split_units(units: Units, new: int, old: int) -> Units:
    """Return units x new / old, an integer where it is one."""
    result = Fraction(units) * Fraction(new, old)
    return result.numerator if result.denominator == 1 else result


def money(amount: Amount) -> Decimal | None:
    """Return a scaled amount as a Decimal of eight places."""
    return None if amount is None else _WIDE.multiply(amount, _MONEY_QUANTUM)


def known_money(amount: int) -> Decimal:
    """Return a scaled amount that is known as a Decimal of eight places."""
    return _WIDE.multiply(amount, _MONEY_QUANTUM)


def quantity(units: Units) -> Decimal:
    """Return scaled units as a Decimal of ten places."""
    return _WIDE.multiply(whole_units(units), _UNITS_QUANTUM)


def decimals(numbers: Iterable[int | None], places: int) -> list[Decimal | None]:
    """Return integers of the last of some decimal places as Decimals."""
    quantum, multiply = Decimal(1).scaleb(-places), _WIDE.multiply
    return [None if number is None else multiply(number, quantum) for number in numbers]


def decimal_series(numbers: Sequence[int | None] | pl.Series, dtype: pl.Decimal) -> pl.Series:
    """Return integers of the last decimal place of a type as a column of it."""
    quantum = pl.Series([Decimal(1).scaleb(-dtype.scale)], dtype=dtype)
    whole = pl.Series(values=numbers, dtype=pl.Int128).cast(pl.Decimal(38, 0))
    return (whole * quantum).cast(dtype)


def rate_number(rate: Ratio | None) -> int | None:
    """Return a rate as an integer of 1e-10."""
    return None if rate is None else div_half_even(rate.num * ONE_UNIT, rate.den)


def rate_decimal(rate: Ratio | None) -> Decimal | None:
    """Return a rate as a Decimal of ten places."""
    number = rate_number(rate)
    return None if number is None else Decimal(number).scaleb(-UNITS_SCALE, _WIDE)


def integers(series: pl.Series) -> list[int | None]:
    """Return the scaled integers behind a Decimal column."""
    values: list[int | None] = series.to_physical().to_list()
    return values
