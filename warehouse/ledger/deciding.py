"""What a user decides of a portfolio: about dividends that were due, and which weights to aim at.

Belongs here: these calls, each one change. Does not: how decisions are stored (`decisions`), transactions
(`repository`).
"""

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from warehouse.ledger import decisions, postings
from warehouse.ledger.decisions import DueDividend
from warehouse.ledger.scoped import Scoped


class Deciding(Scoped):
    """The decisions of one user."""

    def confirm_dividend(
        self,
        portfolio_id: str,
        dividend: DueDividend,
        row: pl.DataFrame,
        *,
        edited: bool = False,
        expected_version: int | None = None,
    ) -> str:
        """Turn a dividend that was due into a DIVIDEND, which is kept together with the decision; return its id.

        Args:
            portfolio_id: The portfolio.
            dividend: What was due.
            row: The DIVIDEND, one row as `add_transactions` takes it, with what was withheld as its tax.
            edited: Whether it says otherwise than what was expected.
            expected_version: The version that the caller has looked at; without it, any.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            FrameMismatchError: If the row does not fit.
            InvalidValueError: If a value is one that no transaction has, or it was decided about already.
            StaleVersionError: If the portfolio has changed since ``expected_version``.
        """
        batch = postings.Batch.of(row, source="dividend", sha256=None)
        with self._changing(portfolio_id, expected_version) as change:
            state = decisions.EDITED if edited else decisions.CONFIRMED
            return str(decisions.decide(change, dividend, state, batch))

    def reject_dividend(self, portfolio_id: str, dividend: DueDividend, *, expected_version: int | None = None) -> None:
        """Hide a dividend that was due for good.

        Raises:
            NotFoundError: If the portfolio is not the user's.
            InvalidValueError: If it was decided about already.
            StaleVersionError: If the portfolio has changed since ``expected_version``.
        """
        with self._changing(portfolio_id, expected_version) as change:
            decisions.decide(change, dividend, decisions.REJECTED)

    def withdraw_decision(
        self, portfolio_id: str, dividend: DueDividend, *, expected_version: int | None = None
    ) -> None:
        """Forget what was decided about a dividend, with the DIVIDEND it became: it is expected again.

        Raises:
            NotFoundError: If the portfolio is not the user's, or nothing was decided.
            StaleVersionError: If the portfolio has changed since ``expected_version``.
        """
        with self._changing(portfolio_id, expected_version) as change:
            decisions.withdraw(change, dividend)

    def set_targets(
        self,
        portfolio_id: str,
        dimension: str,
        targets: Mapping[str, Decimal],
        *,
        seen: Mapping[str, Decimal] | None = None,
    ) -> None:
        """Give a dimension these target weights in place of those it had; none takes them away.

        Args:
            portfolio_id: Of the user's.
            dimension: What the targets are of.
            targets: Fractions by class.
            seen: Those it had when the caller looked; None for who has not looked.

        Raises:
            ChangedMeanwhileError: If it has others than were seen.
            NotFoundError: If the portfolio is not the user's.
            InvalidValueError: If a target is no fraction, or they sum to more than 1.
        """
        with self._changing(portfolio_id) as change:
            decisions.set_targets(change, dimension, targets, seen=seen)
