"""What an address asks for that is not there: said, as long as something else stands in its place.

Belongs here: noticing it before the control that the address fills is drawn, which drops what it does not know, and the
control that most pages have. Does not: what is said (`views.addressed`).
"""

import datetime as dt
import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import streamlit as st

from dashboard.views import addressed as wording
from dashboard.views.typed import LAST_DAY

_UNMET, _ABOVE = "addressed_unmet", "addressed_above"


class Switch:
    """Whatever reads as on or off."""

    def __contains__(self, text: object) -> bool:
        return str(text).lower() in {"true", "false"}


class Days:
    """Whatever reads as a day that a field can have."""

    def __contains__(self, text: object) -> bool:
        found = day(str(text))
        return found is not None and found <= LAST_DAY


class Numbers:
    """Whatever reads as a number."""

    def __contains__(self, text: object) -> bool:
        try:
            return math.isfinite(float(str(text)))
        except ValueError:
            return False


def day(text: str) -> dt.date | None:
    """Return the day that a part of an address says, None where it says none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def notice(key: str, known: Container[str]) -> None:
    """Note what the address asks a control for, if it cannot have that; before the control is drawn.

    Args:
        key: Of the control, and of what the address says to it.
        known: What it can have.
    """
    unknown = [asked for asked in st.query_params.get_all(key) if asked and asked not in known]
    if unknown:
        _unmet()[key] = (", ".join(unknown), None)


def begin() -> None:
    """Make room above a page for what the address asks of it in vain."""
    st.session_state[_ABOVE] = st.container(key="unmet")


def _as_it_is(choice: object) -> object:
    return choice


@contextmanager
def expected(
    label: str, key: str, known: Iterable[object] | Container[str], said: Callable[[Any], object] = _as_it_is
) -> Iterator[None]:
    """Say above the page if a control that is drawn meanwhile cannot be what the address asks for.

    Args:
        label: What stands at the control.
        key: Of the control, and of what the address says to it.
        known: What it can have, as it reads there.
        said: How one of its choices reads.
    """
    notice(key, {str(one) for one in known} if isinstance(known, Iterable) else known)
    yield
    with st.session_state[_ABOVE]:
        say(key, lambda asked: wording.no_choice(asked, label, _shown(key, said)))


def _shown(key: str, said: Callable[[Any], object]) -> object:
    """Return what a control stands at, as it reads."""
    match st.session_state.get(key):
        case None:
            return None
        case list() as several:
            return [said(one) for one in several]
        case one:
            return said(one)


def one_of(label: str, options: Iterable[str], *, default: str, key: str, hides_label: bool = False) -> str:
    """Show a choice of one that the address keeps, and return what is chosen; what it asks in vain is said.

    Args:
        label: What stands at the control, or is read aloud where it is hidden.
        options: What can be chosen.
        default: What is chosen first.
        key: Of the control, and of what the address says to it.
        hides_label: Whether the choices speak for themselves.
    """
    named = list(options)
    with expected(label, key, named):
        return st.segmented_control(
            label,
            named,
            default=default,
            key=key,
            bind="query-params",
            required=True,
            label_visibility="collapsed" if hides_label else "visible",
        )


def named(label: str, names: Mapping[str, str], *, key: str, width: int) -> str:
    """Show a choice of one that is read by its name; the address keeps its id, for each reader writes names otherwise.

    Args:
        label: What stands at the control.
        names: Names by id, the first is chosen first.
        key: Of the control, and of what the address says to it.
        width: Pixels.
    """
    ids, asked = list(names), st.query_params.get(key, "")
    notice(key, ids)
    place = ids.index(asked) if asked in names else 0
    chosen: str = st.selectbox(label, ids, place, format_func=names.__getitem__, key=key, width=width)
    if chosen != ids[0]:
        st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    with st.session_state[_ABOVE]:
        say(key, lambda unmet: wording.no_choice(unmet, label, names[chosen]))
    return chosen


def say(key: str, words: Callable[[str], str]) -> None:
    """Say what could not be had, until something is chosen; after the control is drawn."""
    if key not in _unmet():
        return
    asked, before = _unmet()[key]
    shown = (st.session_state.get(key),)
    if before is not None and before != shown:
        del _unmet()[key]
        return
    _unmet()[key] = (asked, shown)
    st.warning(words(asked), icon=":material/link_off:")


def _unmet() -> dict[str, tuple[str, tuple[object] | None]]:
    """Return what was asked for by control, and what was shown in its place."""
    found: dict[str, tuple[str, tuple[object] | None]] = st.session_state.setdefault(_UNMET, {})
    return found
