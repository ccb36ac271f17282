"""A text field that offers names to choose from.

Belongs here: the field and what a browser is told to offer at it. Does not: which names there are (`data`).

A choice of Streamlit's forgets what is typed into it where a person goes on with Tab or by a click, and not with Enter.
A text field keeps it always. What it offers is the browser's own list: nothing is lost where that is missing.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

import streamlit as st

_NO_CLASS: Final = re.compile(r"[^a-zA-Z0-9_-]")
_LINKS: Final = """
<script>
if (!window.suggestsNames) {
    window.suggestsNames = true;
    document.addEventListener("focusin", ({target}) => {
        const key = [...(target.closest?.("[data-testid=stTextInput], [class*=st-key-]")?.closest("[class*=st-key-]")
            ?.classList ?? [])].find(name => name.startsWith("st-key-"));
        const list = key && document.getElementById(key.replace("st-key-", "names-"));
        if (list && target.tagName === "INPUT") target.setAttribute("list", list.id);
    });
}
</script>
"""


def names(offered: Mapping[str, Iterable[str] | Mapping[str, str]]) -> None:
    """Have the browser offer names at text fields, by the key of each; what is said of a name stands beside it."""
    lists = "".join(_list(key, found) for key, found in offered.items())
    st.html(lists + _LINKS, unsafe_allow_javascript=True)


def _list(key: str, found: Iterable[str] | Mapping[str, str]) -> str:
    said = found if isinstance(found, Mapping) else dict.fromkeys(found, "")
    options = "".join(f'<option value="{escape(name)}">{escape(words)}</option>' for name, words in said.items())
    return f'<datalist id="names-{_NO_CLASS.sub("-", key)}">{options}</datalist>'
