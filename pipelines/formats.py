"""How figures read on pages and in print: money, percent, quantities, dates, in the reader's locale.

Belongs here: text of one figure; percent exists only here. Does not: which figures are shown, asking a browser for its
locale (`dashboard.reading`), a terminal's figures (`cli.console`).
"""

import copy
import datetime as dt
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from math import floor, isfinite, log10
from typing import TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, get_month_names
from babel.numbers import NumberPattern

Made = TypeVar("Made")
UNKNOWN = "–"
HIDDEN = "•••"
VAST = 1e6
"""From here on nobody reads the digits of a rate: a gain of days makes such of a year."""
DEFAULT = Locale("en", "GB")
MOST_DECIMALS = 10
_PRICE_DIGITS = 4
"""Of a quantity, as the ledger keeps it."""
_THOUSANDS = (3, 3)
"""How most locales group digits."""
_PLAIN, _TOO_LONG = 1e-6, 1e15
"""Between them a number is written without an exponent."""


_ISO_DAY = re.compile(r"(?<![\w-])(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?Z)?(?![\w-])")
_ISO_MONTH = re.compile(r"(?<![\w-])(?:19|20)\d{2}-(?:0[1-9]|1[0-2])(?![\w-])")
_D3 = {"y": "%Y", "yyyy": "%Y", "yy": "%y", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d"}
_FIELDS = re.compile(r"y+|M+|d+|'[^']*'")
_TYPED = {"dMy": "DD{0}MM{0}YYYY", "Mdy": "MM{0}DD{0}YYYY", "yMd": "YYYY{0}MM{0}DD"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom figures are written for.

    Args:
        locale: Decides separators and dates; its months name themselves. Words stay English.
        hides_amounts: Whether amounts and quantities are not to be seen by who looks over a shoulder.
    """

    locale: Locale = DEFAULT
    hides_amounts: bool = False


_reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039 - frozen


def write_for(reader: Reader) -> None:
    """Write what follows in this context, which is one run of a page, for a reader."""
    _reader.set(reader)


def this_reader() -> tuple[str, bool]:
    """Return what tells who reads now from others, for what is kept of what was written."""
    reader = _reader.get()
    return str(reader.locale), reader.hides_amounts


def for_this_reader(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return what makes the same for who reads now, wherever and whenever it is called, as a download is."""
    return partial(made_for, _reader.get(), make)


def made_for(reader: Reader, make: Callable[[], Made]) -> Made:
    """Return what is made with every figure of it written for a reader."""
    before = _reader.set(reader)
    try:
        return make()
    finally:
        _reader.reset(before)


def hides_amounts() -> bool:
    """Return whether amounts are hidden from sight."""
    return _reader.get().hides_amounts


def locale_of(tag: str | None) -> Locale:
    """Return the locale that a browser names, the default one for a name that is unknown or none.

    >>> str(locale_of("de-CH")), str(locale_of("tlh")), str(locale_of("es-XX"))
    ('de_CH', 'en_GB', 'en_GB')
    """
    return _parsed(tag) or DEFAULT


def is_locale(tag: str) -> bool:
    """Return whether a locale has that name.

    >>> is_locale("de-DE"), is_locale("de_DE")
    (True, False)
    """
    return _parsed(tag) is not None


def _parsed(tag: str | None) -> Locale | None:
    try:
        return Locale.parse(tag.split("-u-")[0], sep="-") if tag else None
    except (UnknownLocaleError, ValueError):
        return None


def money(value: Decimal | None, currency: str | None = None, *, signed: bool = False, decimals: int = 2) -> str:
    """Return an amount with thousands separators and its currency.

    >>> money(Decimal("1234.5"), "EUR", signed=True)
    '+1,234.50 EUR'
    """
    if value is None:
        return UNKNOWN
    if hides_amounts():
        return f"{HIDDEN} {currency}" if currency else HIDDEN
    text = f"{_sign(value, signed=signed)}{_number(abs(value), decimals, decimals)}"
    return f"{text} {currency}" if currency else text


def price(value: Decimal | None, currency: str | None = None) -> str:
    """Return a price of one unit with its currency: two decimals, or as many as it has, up to four significant ones.

    >>> price(Decimal("89.0800"), "USD"), price(Decimal("12.34567")), price(Decimal("0.000012345"))
    ('89.08 USD', '12.3457', '0.00001234')
    """
    return money(value, currency, decimals=2 if value is None else _price_decimals(value))


def _price_decimals(value: Decimal) -> int:
    most = max(_PRICE_DIGITS, _PRICE_DIGITS - 1 - value.adjusted()) if value else 0
    return max(2, len(f"{value:.{most}f}".rstrip("0").partition(".")[2]))


def percent(value: float | None, *, signed: bool = True, decimals: int = 2) -> str:
    """Return a fraction as percent.

    >>> percent(0.1234)
    '+12.34%'
    """
    if value is None:
        return UNKNOWN
    hundredths = abs(value) * 100
    written = f"{hundredths:.1e}" if abs(value) >= VAST else _number(hundredths, decimals, decimals)
    before, after = around_percent()
    return f"{_sign(value, signed=signed)}{before}{written}{after}"


def around_percent() -> tuple[str, str]:
    """Return what the reader writes before and after a number of hundredths.

    >>> around_percent()
    ('', '%')
    """
    pattern = _reader.get().locale.percent_formats[None]
    return str(pattern.prefix[0]), str(pattern.suffix[0])


def minus() -> str:
    """Return the reader's sign before a number below zero, which is the same in tables that a browser writes."""
    return str(_reader.get().locale.number_symbols["latn"]["minusSign"])


def number(value: float | None, *, decimals: int = 2) -> str:
    """Return a ratio that is no percentage.

    >>> number(1.25, decimals=1)
    '1.2'
    """
    if value is None:
        return UNKNOWN
    text = _number(abs(value), decimals, decimals)
    return f"{minus()}{text}" if value < 0 and text.strip("0.,") else text


def count(value: int) -> str:
    """Return how many of something there are; it is no amount, so it is never hidden.

    >>> count(10000)
    '10,000'
    """
    return _number(Decimal(value), 0, 0)


def significant(value: float, digits: int = 8) -> str:
    """Return a ratio to so many digits that say something, without trailing zeros.

    >>> significant(1234.5678912), significant(0.00012)
    ('1,234.5679', '0.00012')
    """
    if value == 0 or not isfinite(value):
        return f"{value:g}"
    if not _PLAIN <= abs(value) < _TOO_LONG:
        return f"{value:.{digits}g}"
    decimals = max(digits - 1 - floor(log10(abs(value))), 0)
    return f"{_sign(value, signed=False)}{_number(abs(value), 0, decimals)}"


def quantity(value: Decimal) -> str:
    """Return units without trailing zeros.

    >>> quantity(Decimal("1250.5000000000"))
    '1,250.5'
    """
    return HIDDEN if hides_amounts() else f"{_sign(value, signed=False)}{_number(abs(value), 0, MOST_DECIMALS)}"


def day(value: dt.date | None) -> str:
    """Return a date as the reader writes it.

    >>> day(dt.date(2022, 12, 28))
    '28 Dec 2022'
    """
    return UNKNOWN if value is None else format_date(value, "medium", locale=_reader.get().locale)


def typed_day() -> str:
    """Return how the reader types a day, as fields take it: year, month and day in figures, in the reader's order.

    >>> typed_day()
    'DD/MM/YYYY'
    """
    pattern = _reader.get().locale.date_formats["short"].pattern
    order = "".join(dict.fromkeys(sign for sign in pattern if sign in "dMy"))
    between = next((sign for sign in pattern if sign in "./-"), "-")
    return _TYPED.get(order, _TYPED["yMd"]).format(between)


def month(value: dt.date) -> str:
    """Return the month of a day as the reader writes it.

    >>> month(dt.date(2022, 12, 28))
    'Dec 2022'
    """
    written: str = format_skeleton("yMMM", value, locale=_reader.get().locale)
    return written


def months_of(values: Sequence[str]) -> list[str]:
    """Return months that are ISO's as the reader writes them.

    >>> months_of(["2022-12", "2023-01"])
    ['Dec 2022', 'Jan 2023']
    """
    return [month(dt.date.fromisoformat(f"{value}-01")) for value in values]


def with_days(text: str) -> str:
    """Return a sentence of programs, whose months, dates and times are ISO's, with those as the reader writes them.

    >>> with_days("15 transactions after 2020-06-30 are not counted; noticed at 2026-11-22 21:10:07Z")
    '15 transactions after 30 Jun 2020 are not counted; noticed at 22 Nov 2026, 21:10 UTC'
    >>> with_days("income of 2020-06")
    'income of Jun 2020'
    """
    return _ISO_MONTH.sub(lambda found: months_of([found[0]])[0], _ISO_DAY.sub(_written_or_itself, text))


def _written_or_itself(found: re.Match[str]) -> str:
    try:
        told = day(dt.date.fromisoformat(found[1]))
    except ValueError:
        return found[0]
    return f"{told}, {found[2]} UTC" if found[2] else told


def months() -> tuple[str, ...]:
    """Return the twelve months, short."""
    # Most locales borrow the names that stand alone, and Babel hands all of those the first borrower's.
    names = get_month_names("abbreviated", context="format", locale=_reader.get().locale)
    return tuple(names[number] for number in range(1, 13))


def chart_day() -> str:
    """Return how charts write a day, for D3; by numbers where months would need names that charts only know in English.

    >>> chart_day()
    '%-d %b %Y'
    """
    patterns = _reader.get().locale.date_formats
    pattern = patterns["medium"].pattern
    if not _names_months_in_english() and "MMM" in pattern:
        pattern = patterns["short"].pattern
    return _for_d3(pattern)


def chart_month() -> str:
    """Return how charts write a month, for D3; by numbers as `chart_day`.

    >>> chart_month()
    '%b %Y'
    """
    return "%b %Y" if _names_months_in_english() else _for_d3(_reader.get().locale.datetime_skeletons["yM"].pattern)


def _for_d3(pattern: str) -> str:
    return _FIELDS.sub(lambda found: _D3[found[0]] if found[0] in _D3 else found[0].strip("'"), pattern)


def _names_months_in_english() -> bool:
    return bool(_reader.get().locale.language == "en")


def is_plain() -> bool:
    """Return whether the reader writes figures as programs do: ``-1,234.50`` and ``12.00%``."""
    groups = _reader.get().locale.decimal_formats[None].grouping
    return (separators(), minus(), around_percent(), groups) == (".,", "-", ("", "%"), _THOUSANDS)


def separators() -> str:
    """Return the sign between whole and fraction and the one between thousands, as charts take them."""
    symbols = _reader.get().locale.number_symbols["latn"]
    return f"{symbols['decimal']}{symbols['group']}"


def _sign(value: Decimal | float, *, signed: bool) -> str:
    return minus() if value < 0 else "+" if signed and value > 0 else ""


def _number(value: Decimal | float, least: int, most: int) -> str:
    locale = _reader.get().locale
    if least == most and (signs := _signs(locale)):
        return f"{_exact(value):,.{most}f}".translate(signs)  # as the pattern does, in a tenth of the time
    return str(_pattern(locale, least, most).apply(value, locale))


def _exact(value: Decimal | float) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


@cache
def _signs(locale: Locale) -> dict[int, str] | None:
    """Return a locale's signs between digits in place of Python's, None where it does not group by thousands alone."""
    if locale.decimal_formats[None].grouping != _THOUSANDS:
        return None
    symbols = locale.number_symbols["latn"]
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"], "-": symbols["minusSign"]})


@cache
def _pattern(locale: Locale, least: int, most: int) -> NumberPattern:
    pattern: NumberPattern = copy.copy(locale.decimal_formats[None])
    pattern.frac_prec = (least, most)
    return pattern


def moneys(values: Sequence[Decimal | float | None], *, signed: bool = False) -> list[str]:
    """Return the amounts of a column, each as `money` writes it; in a fifth of the time."""
    signs = None if hides_amounts() else _signs(_reader.get().locale)
    if signs is None:
        return [money(None if value is None else _exact(value), signed=signed) for value in values]
    return _translated([UNKNOWN if value is None else _plainly(_exact(value), 2, signed) for value in values], signs)


def prices(values: Sequence[Decimal | float | None]) -> list[str]:
    """Return the prices of a column, each as `price` writes it."""
    return [price(None if value is None else _exact(value)) for value in values]


def percents(values: Sequence[float | None], *, signed: bool = True) -> list[str]:
    """Return the fractions of a column, each as `percent` writes it; in a fifth of the time."""
    signs, (before, after) = _signs(_reader.get().locale), around_percent()
    if signs is None or before or any(value is not None and abs(value) >= VAST for value in values):
        return [percent(value, signed=signed) for value in values]
    texts = [UNKNOWN if value is None else f"{_plainly(_exact(value * 100), 2, signed)}{after}" for value in values]
    return _translated(texts, signs)


def quantities(values: Sequence[Decimal | None]) -> list[str]:
    """Return the units of a column, each as `quantity` writes it; in a fifth of the time."""
    signs = None if hides_amounts() else _signs(_reader.get().locale)
    if signs is None:
        return [UNKNOWN if value is None else quantity(value) for value in values]
    texts = [UNKNOWN if value is None else _plainly(value, MOST_DECIMALS, signed=False) for value in values]
    return _translated([text.rstrip("0").rstrip(".") for text in texts], signs)


def _plainly(value: Decimal, decimals: int, signed: bool) -> str:  # noqa: FBT001 - as `money` has it
    return f"{value:+,.{decimals}f}" if signed and value > 0 else f"{value:,.{decimals}f}"


def _translated(texts: Sequence[str], signs: dict[int, str]) -> list[str]:
    """Return texts with other signs, all at once."""
    return "\n".join(texts).translate(signs).split("\n") if texts else []
