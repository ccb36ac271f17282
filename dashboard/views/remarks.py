"""What is remarked of symbols and accounts that are being stated: not refused, but hardly meant, or still to come.

Belongs here: which ones, and the words. Does not: looking them up (`data.remarks`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashboard.views.addressed import echoed
from dashboard.views.transactions import FIELDS
from pipelines.portfolio.transactions import Kind

_MOST = 10


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Symbols without a price: those that no run has asked for yet, and those that were asked for in vain."""

    unasked: list[str]
    in_vain: list[str]


def held_by(row: Mapping[str, str]) -> set[str]:
    """Return the symbols of which a transaction moves units, which want a price.

    >>> held_by({"type": "DIVIDEND", "symbol": "ACME"})
    set()
    """
    fields = FIELDS[Kind(row["type"].upper())]
    names = [name for name in ("symbol", "to_symbol") if name in fields and ("quantity" in fields or name != "symbol")]
    return {row[name] for name in names if row.get(name)}


def without_price(found: Unpriced) -> list[str]:
    """Return what is said of symbols without a price."""
    said = []
    if found.unasked:
        said.append(
            f"Of {_listed(found.unasked)} no price is stored yet: the next run asks for it, within minutes where "
            "`folio up` runs, else with `folio refresh`. Until then totals leave it out and say so."
        )
    if found.in_vain:
        said.append(
            f"Of {_listed(found.in_vain)} no source has given a price so far: if it is misspelt, correct it; "
            "if it trades under another name, `folio rename` says so; else state its prices under Settings."
        )
    return said


def alike(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return what is said of names of accounts that differ from others by case alone.

    Args:
        names: Those that are being stated.
        known: Those that are there, in this file or in the ledger.
    """
    by_letters: dict[str, list[str]] = {}
    stated = set(names)
    for name in sorted(stated | set(known)):
        by_letters.setdefault(name.casefold(), []).append(name)
    return [
        f"{_listed(group)} differ by case alone, and are different accounts: if one is meant, name them alike."
        for group in by_letters.values()
        if len(group) > 1 and stated & set(group)
    ]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(echoed(name) for name in names[:_MOST]) + more
