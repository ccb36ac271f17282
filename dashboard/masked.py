"""A table as its reader may see it: amounts hidden where they are to be, else with the reader's separators.

Belongs here: what is done to a frame for the eye; downloads keep every digit. Does not: which columns there are
(`views`), how a kind is drawn (`columns`).
"""

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl
import pyarrow as pa
import streamlit as st

from dashboard.columns import AMOUNT, AS_STORED, MONTH, PERCENT, PRICE, SIGNED, SIGNED_PERCENT
from dashboard.in_words import Words, in_words
from pipelines import formats

pa.set_cpu_count(1)  # else each table of some hundred rows that pandas hands over starts threads, which take longer

_PRIVATE = ("Note",)
"""Text that people write, which may tell an amount."""
_SHORT, _LETTER, _PADDING = 12, 8, 24
"""Letters of an amount that have room anyway; pixels of one, and of what is beside them."""
_SEPARATED, _DECIMALS = 1_000, 4
"""From where a quantity has a separator, and how many of its decimals Streamlit writes."""
_WHOLE_TO = 2**53
"""Up to there a browser's numbers are exact; it marks what is beyond as wrong."""
_WRITTEN: dict[str, Words] = {
    AMOUNT: formats.moneys,
    SIGNED: partial(formats.moneys, signed=True),
    PERCENT: partial(formats.percents, signed=False),
    SIGNED_PERCENT: formats.percents,
}


def for_reader(frame: pl.DataFrame, columns: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return what Streamlit is to show, and the configuration of its columns."""
    frame = frame.with_columns(pl.col(pl.Int8, pl.Int16, pl.UInt8, pl.UInt16).cast(pl.Int64))  # a browser halves them
    columns, fine = _prices(frame, columns)
    shown, configuration = _hidden(frame, columns) if formats.hides_amounts() else (frame, _with_room(frame, columns))
    shown, configuration = _beyond_numbers(shown, configuration)
    if formats.is_plain():
        written, shown = _long_quantities(shown, configuration), _in_hundredths(shown, configuration)
    else:
        written = _localised(shown, configuration)
    written |= dict.fromkeys(_as_stored(shown, configuration), _every_digit)
    written |= dict.fromkeys(_of_format(MONTH, shown.columns, configuration), formats.months_of)
    if not formats.hides_amounts():
        written |= dict.fromkeys(fine, formats.prices)
    if written:
        return in_words(shown, written), {**configuration, **_plain(written, configuration)}
    # Streamlit would go by pandas, which took half of the time of a page with a long table.
    return shown.to_arrow(compat_level=pl.CompatLevel.oldest()), configuration


def _with_room(frame: pl.DataFrame, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Widen columns of large amounts: Streamlit measures them before it writes their separators."""
    wide = {}
    for name, kind in _formats(frame.columns, columns).items():
        if kind in {AMOUNT, SIGNED} and (longest := frame[name].cast(pl.Float64).abs().max()) is not None:
            (written,) = _WRITTEN[kind]([longest])
            letters = len(written)
            if letters > _SHORT:
                wide[name] = {**columns[name], "width": _LETTER * letters + _PADDING}
    return {**columns, **wide}


def _in_hundredths(frame: pl.DataFrame, columns: Mapping[str, Any]) -> pl.DataFrame:
    """Return fractions that are to be read as percent in hundredths, for Streamlit only writes what it is given."""
    fractions = [name for name, kind in _formats(frame.columns, columns).items() if kind in {PERCENT, SIGNED_PERCENT}]
    return frame.with_columns(pl.col(name).cast(pl.Float64) * 100 for name in fractions)


def _formats(names: Container[str], columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: column["type_config"].get("format") for name, column in columns.items() if name in names}


def _of_format(wanted: str, names: Container[str], columns: Mapping[str, Any]) -> list[str]:
    return [name for name, kind in _formats(names, columns).items() if kind == wanted]


def _hidden(frame: pl.DataFrame, columns: Mapping[str, Any]) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Hide what is exact, amounts, prices, quantities, and what people note."""
    exact = [name for name, kind in frame.schema.items() if kind.is_decimal()]
    hidden, mask = [*exact, *(name for name in _PRIVATE if name in frame.columns)], pl.lit(formats.HIDDEN)
    masked = frame.with_columns(pl.when(pl.col(name).is_not_null()).then(mask).alias(name) for name in hidden)
    return masked, {**columns, **{name: st.column_config.TextColumn(name, alignment="right") for name in exact}}


def _localised(frame: pl.DataFrame, columns: Mapping[str, Any]) -> dict[str, Words]:
    """Return what writes figures in the reader's locale, for Streamlit's own way of it cuts off instead of rounding."""
    known = {name: _WRITTEN[kind] for name, kind in _formats(frame.columns, columns).items() if kind in _WRITTEN}
    return known | dict.fromkeys(_quantities(frame, columns), formats.quantities)


def _long_quantities(frame: pl.DataFrame, columns: Mapping[str, Any]) -> dict[str, Words]:
    """Return what writes quantities of which Streamlit would show a part: no separator, and of decimals four."""
    long = [
        name
        for name in _quantities(frame, columns)
        if ((frame[name].abs() >= _SEPARATED) | (frame[name] != frame[name].round(_DECIMALS))).any()
    ]
    return dict.fromkeys(long, formats.quantities)


def _prices(frame: pl.DataFrame, columns: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the configuration with prices as amounts, and those of which two decimals are not all."""
    names = _of_format(PRICE, frame.columns, columns)
    drawn = {
        name: {**columns[name], "type_config": {**columns[name]["type_config"], "format": AMOUNT}} for name in names
    }
    known = [name for name in names if frame.schema[name] != pl.Null]  # of no row a price is known, or there is none
    return {**columns, **drawn}, [name for name in known if (frame[name] != frame[name].round(2)).any()]


def _beyond_numbers(frame: pl.DataFrame, columns: Mapping[str, Any]) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return as text the columns with every digit of which a browser's numbers would lose some."""
    stored = _of_format(AS_STORED, frame.columns, columns)
    exact = [name for name in stored if frame.schema[name].is_integer() or frame.schema[name].is_decimal()]
    beyond = [name for name in exact if (frame[name].cast(pl.Float64).abs() >= _WHOLE_TO).any()]
    as_text = {name: st.column_config.TextColumn(name, alignment="right") for name in beyond}
    return frame.with_columns(pl.col(beyond).cast(pl.String)), {**columns, **as_text}


def _as_stored(frame: pl.DataFrame, columns: Mapping[str, Any]) -> list[str]:
    """Return the exact columns of which every digit is to be seen: a browser divides by a power of ten to write one."""
    stored = _of_format(AS_STORED, frame.columns, columns)
    return [name for name in stored if frame.schema[name].is_decimal()]


def _every_digit(values: Sequence[Decimal | None]) -> list[str]:
    texts = (formats.UNKNOWN if value is None else f"{value:f}" for value in values)
    return [text.rstrip("0").rstrip(".") if "." in text else text for text in texts]


def _quantities(frame: pl.DataFrame, columns: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, kind in _formats(frame.columns, columns).items()
        if kind is None and frame.schema[name].is_decimal()
    ]


def _plain(written: Mapping[str, Words], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of columns that come with their words."""
    months = _of_format(MONTH, written, columns)
    return {
        name: (st.column_config.TextColumn if name in months else st.column_config.NumberColumn)(
            name, help=columns[name].get("help"), width=columns[name].get("width")
        )
        for name in written
    }
