"""What has changed since a person last looked.

Belongs here: wording it. Does not: keeping what they saw (`warehouse.ops.visits`).
"""

from pipelines import formats
from warehouse.ops.visits import Seen


def since(before: Seen, now: Seen, currency: str) -> str | None:
    """Return in a sentence what has changed since the last visit; None where nothing has."""
    if before.is_like(now):
        return None
    parts = []
    if before.value is not None and now.value is not None and before.value != now.value:
        moved = formats.money(now.value - before.value, currency, signed=True)
        parts.append(f"value {moved}, from {formats.money(before.value)} to {formats.money(now.value)}")
    changes = now.ledger_version - before.ledger_version
    if changes > 0:
        parts.append(f"{changes:,} change{'' if changes == 1 else 's'} of the ledger")
    if before.publication_id != now.publication_id:
        parts.append("newer data published")
    return f"Since your last visit, {formats.day(before.at.date())}, {before.at:%H:%M} UTC: {'; '.join(parts)}."
