"""What has changed since a person last looked.

Belongs here: wording it. Does not: keeping what they saw (`warehouse.ops.visits`).
"""

from decimal import Decimal

from pipelines import formats
from warehouse.ops.visits import Seen


def since(before: Seen, now: Seen, currency: str, then: str) -> str | None:
    """Return in a sentence what has changed since the last visit; None where nothing has.

    Args:
        before: What was seen.
        now: What is seen.
        currency: Of the value now.
        then: Of the value before: amounts of two currencies have no difference.
    """
    if before.is_like(now):
        return None
    parts = []
    if before.value is not None and now.value is not None and before.value != now.value:
        parts.append(_moved(before.value, now.value, currency, then))
    changes = now.ledger_version - before.ledger_version
    if changes > 0:
        parts.append(f"{formats.count(changes)} change{'' if changes == 1 else 's'} of the ledger")
    if before.publication_id != now.publication_id:
        parts.append("newer data published")
    return f"Since your last visit, {formats.day(before.at.date())}, {before.at:%H:%M} UTC: {'; '.join(parts)}."


def _moved(before: Decimal, now: Decimal, currency: str, then: str) -> str:
    if then != currency:
        return f"value {formats.money(now, currency)}, which was {formats.money(before, then)} then"
    moved = formats.money(now - before, currency, signed=True)
    return f"value {moved}, from {formats.money(before)} to {formats.money(now)}"
