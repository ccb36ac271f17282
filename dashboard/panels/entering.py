"""Forms of a transaction: a widget a field, by what the field is.

Belongs here: drawing fields and giving back what was typed, as text. Does not: which fields a type has
(`views.transactions`), whether what was typed can be taken (`pipelines.importers`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import streamlit as st

from dashboard.panels import days, suggesting
from dashboard.views.transactions import FIRST, LAST, TITLES
from dashboard.views.typed import written
from warehouse.schema.currencies import currency_codes

_HINTS = {
    "fee": "0",
    "tax": "0",
    "time": "09:30",
}
_FRACTION = Decimal("0.2")
_WIDTH = 190
_CURRENCIES = {"currency", "to_currency"}
_DAYS = {"date", "settle_date"}
_WORKED_OUT = "quantity x price"


def form(
    fields: Sequence[str],
    *,
    key: str,
    start: Mapping[str, str],
    known: Mapping[str, Sequence[str]],
    today: dt.date,
    submit: str,
    unsaid: str = "",
) -> dict[str, str] | None:
    """Show a form; return what was typed, by field, once it is sent, else None.

    Args:
        fields: What is asked beside `FIRST` and `LAST`.
        key: Of the form among all of a page's; another one begins anew.
        start: What stands in a field at first.
        known: Names to choose from, by field; another can be typed, except for a currency.
        unsaid: What an empty currency stands for, where one may be left empty.
        today: The day that a new one begins with.
        submit: What stands on the button.
    """
    typed: dict[str, str] = {}
    with st.form(key, border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name in (*FIRST, *fields):
                hint = _WORKED_OUT if name == "amount" and "price" in fields else _hint(name)
                typed[name] = _field(name, f"{key}_{name}", start.get(name, ""), known, today, unsaid, hint)
        more = st.expander("More", expanded=any(start.get(name) for name in LAST))
        with more.container(horizontal=True, vertical_alignment="bottom"):
            for name in LAST:
                typed[name] = _field(name, f"{key}_{name}", start.get(name, ""), known, None, unsaid, _hint(name))
        sent = st.form_submit_button(submit, key=f"{key}_submit", icon=":material/save:")
    suggesting.names({f"{key}_{name}": known[name] for name in typed if name in known and name not in _CURRENCIES})
    return {name: text for name, text in typed.items() if text} if sent else None


def _field(
    name: str,
    key: str,
    start: str,
    known: Mapping[str, Sequence[str]],
    today: dt.date | None,
    unsaid: str,
    hint: str,
) -> str:
    title = TITLES[name]
    if name in _DAYS:
        day = days.field(title, dt.date.fromisoformat(start) if start else today, key=key, width=_WIDTH)
        return day.isoformat() if day else ""
    if name in _CURRENCIES:
        codes = list(dict.fromkeys((*known.get(name, ()), *sorted(currency_codes()))))
        place = codes.index(start) if start in codes else None
        return st.selectbox(title, codes, place, key=key, width=_WIDTH, placeholder=unsaid or None) or ""
    return st.text_input(title, value=start, key=key, width=_WIDTH, placeholder=hint).strip()


def _hint(name: str) -> str:
    return written(_FRACTION) if name == "cost_fraction" else _HINTS.get(name, "")
