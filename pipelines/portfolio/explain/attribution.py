"""What became of the opening value, and what holdings contributed to the return, taken apart.

Belongs here: the parts of the attribution, contributions. Does not: the same sums in the summary (`totals`).
"""

from collections.abc import Callable

from pipelines.portfolio.explain.days import Days, day_source, flow_parts
from pipelines.portfolio.explain.entries import Amount, fee_of, of_entries, tax_of
from pipelines.portfolio.explain.holdings import explain_holding
from pipelines.portfolio.explain.income import received_rows
from pipelines.portfolio.explain.lots import disposals_of
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed, with_rest
from pipelines.portfolio.models import Attribution, CompleteView, Contribution

_NO_DAYS = (
    "the holding's gain of each day on the capital of the day, by the growth so far: no daily values in the document"
)
_CHARGES = "exchange rates on the fees and taxes within cost"


def explain_attribution(view: CompleteView, row: Attribution, field: str) -> Explanation:
    """Return a part of the attribution taken apart; the final value is the sum of all of them."""
    return _PARTS[field](view, row)


def _named(field: str) -> str:
    return f"performance.attribution.{field}"


def _initial(view: CompleteView, row: Attribution) -> Explanation:
    unit = view.base_currency
    if view.since is None:
        return ended(_named("initial_value"), row.initial_value, unit=unit, note="nothing before the first transaction")
    return ended(_named("initial_value"), row.initial_value, unit=unit, source=day_source(view.since))


def _unrealized(view: CompleteView, row: Attribution) -> Explanation:
    parts = []
    for holding in view.holdings:
        if holding.lots:
            cost = explain_holding(view, holding, "cost_excluding_fees_and_taxes_base")
            parts += [explain_holding(view, holding, "value_base"), cost.minus()]
    return _summed(view, "unrealized", row, parts)


def _realized(view: CompleteView, row: Attribution) -> Explanation:
    return _summed(view, "realized", row, disposals_of(view, "gain_before_fees_taxes_base"))


def _summed(view: CompleteView, field: str, row: Attribution, parts: list[Explanation]) -> Explanation:
    return summed(_named(field), getattr(row, field), parts, view.base_currency)


def _fx(field: str, parts_of: Callable[[CompleteView], list[Explanation]]) -> "_Part":
    def maker(view: CompleteView, row: Attribution) -> Explanation:
        parts = parts_of(view)
        if not parts:
            return _summed(view, field, row, parts)
        return with_rest(_named(field), getattr(row, field), parts, view.base_currency, _CHARGES)

    return maker


def _held_effects(view: CompleteView) -> list[Explanation]:
    return [explain_holding(view, holding, "fx_effect_base") for holding in view.holdings]


def _of_entries(field: str, amount: Amount) -> "_Part":
    return lambda view, row: of_entries(view, _named(field), getattr(row, field), amount, rest="other accounts")


def _income(view: CompleteView, row: Attribution) -> Explanation:
    return _summed(view, "income", row, received_rows(view, "gross_base"))


def _cash_fx_gain(view: CompleteView, row: Attribution) -> Explanation:
    same = ended("summary.cash_fx_gain", view.summary.cash_fx_gain, unit=view.base_currency)
    return _summed(view, "cash_fx_gain", row, [same])


def _transfers(view: CompleteView, row: Attribution) -> Explanation:
    return _summed(view, "transfers", row, flow_parts(Days.whole(view)))


def _carried(view: CompleteView, row: Attribution) -> Explanation:
    note = (
        "lots that came from other accounts at their cost, less their market value, and the reverse of those that went"
    )
    return ended(_named("carried_gain"), row.carried_gain, unit=view.base_currency, note=note)


def _final(view: CompleteView, row: Attribution) -> Explanation:
    added = ("initial_value", "unrealized", "realized", "income", "cash_fx_gain", "transfers", "carried_gain")
    parts = [explain_attribution(view, row, field) for field in added]
    parts += [explain_attribution(view, row, field).minus() for field in ("fees", "taxes")]
    return _summed(view, "final_value", row, parts)


_Part = Callable[[CompleteView, Attribution], Explanation]
_PARTS: dict[str, _Part] = {
    "initial_value": _initial,
    "unrealized": _unrealized,
    "realized": _realized,
    "unrealized_fx_effect": _fx("unrealized_fx_effect", _held_effects),
    "realized_fx_effect": _fx("realized_fx_effect", lambda view: disposals_of(view, "fx_effect_base")),
    "income": _income,
    "cash_fx_gain": _cash_fx_gain,
    "fees": _of_entries("fees", fee_of),
    "taxes": _of_entries("taxes", tax_of),
    "transfers": _transfers,
    "carried_gain": _carried,
    "final_value": _final,
}


def explain_contribution(view: CompleteView, row: Contribution, figure: str) -> Explanation:
    """Return what a holding added to the return; what no holding made is the return less all of them."""
    if row.symbol is not None or row.contribution is None or view.performance is None:
        return made(Operation.DAILY, figure, row.contribution, _rows_of(view, row), note=_NO_DAYS)
    growth = view.performance.daily[-1].growth
    whole = ended("growth of the last day, less one", None if growth is None else growth - 1)
    others = [
        ended(f"performance.contributions.{other.symbol}@{other.account}.contribution", other.contribution).minus()
        for other in view.performance.contributions
        if other.symbol is not None
    ]
    return made(Operation.SUM, figure, row.contribution, [whole, *others])


def _rows_of(view: CompleteView, row: Contribution) -> list[Explanation]:
    """Return what a holding gained, down to its rows; of one that the view has no more, what it left behind."""
    key = (row.account, row.symbol)
    for holding in view.holdings:
        if (holding.account, holding.symbol) == key:
            return [explain_holding(view, holding, "total_gain_base")]
    if row.account is None or row.symbol is None:
        return []
    closed = disposals_of(view, "gain_base", key=(row.account, row.symbol))
    return [*closed, *received_rows(view, "gross_base", lambda paid: (paid.account, paid.symbol) == key)]
