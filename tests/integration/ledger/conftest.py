"""The same ledger as in the unit tests, here under several processes and other hands."""

from tests.unit.ledger.conftest import bought, url

__all__ = ["bought", "url"]
