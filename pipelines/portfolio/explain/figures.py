"""Who explains which figure.

Belongs here: from a path such as ``holdings.AAPL.unrealized_gain_base`` to its explanation. Does not: explaining, the
names of figures (`paths`).
"""

from collections.abc import Callable

from pipelines.portfolio.explain.allocation import explain_allocations
from pipelines.portfolio.explain.benchmark import explain_benchmark
from pipelines.portfolio.explain.cash import explain_cash
from pipelines.portfolio.explain.completeness import explain_completeness
from pipelines.portfolio.explain.holdings import explain_holdings
from pipelines.portfolio.explain.income import explain_income
from pipelines.portfolio.explain.lots import explain_realized
from pipelines.portfolio.explain.paths import Place, locate
from pipelines.portfolio.explain.performance import explain_performance
from pipelines.portfolio.explain.risk import explain_risk
from pipelines.portfolio.explain.totals import explain_summary
from pipelines.portfolio.explain.trades import explain_trades
from pipelines.portfolio.explain.tree import Explanation
from pipelines.portfolio.models import CompleteView


def explain(view: CompleteView, path: str) -> Explanation:
    """Return where a figure of the view came from, down to its rows.

    Args:
        view: The complete view; with its journal the rows of the ledger are there too.
        path: The names that lead to the figure in the document, by dots. Rows of a list go by what they are of:
            ``holdings.SYMBOL@ACCOUNT.FIELD`` (``holdings.SYMBOL.FIELD`` for all accounts), ``cash.CURRENCY@ACCOUNT``,
            ``performance.periods.PERIOD``, ``performance.daily.DATE``, ``performance.monthly.YEAR-MONTH``,
            ``performance.contributions.SYMBOL@ACCOUNT`` (``other`` for what no holding made),
            ``performance.movers.SYMBOL@ACCOUNT``, ``benchmark.daily.DATE``,
            ``allocations.DIMENSION.KEY``, ``income.by_symbol.SYMBOL``, ``income.by_month.MONTH``; all others by their
            number from 0: ``trades.0.gain_base``, ``holdings.SYMBOL@ACCOUNT.lots.0.cost_base``.

    Raises:
        UnknownFigureError: If the view has no such figure.
    """
    place = locate(view, path)
    return _EXPLAINED[place.names[0]](view, place)


_EXPLAINED: dict[str, Callable[[CompleteView, Place], Explanation]] = {
    "completeness": explain_completeness,
    "summary": explain_summary,
    "holdings": explain_holdings,
    "realized_gains": explain_realized,
    "trades": explain_trades,
    "income": explain_income,
    "performance": explain_performance,
    "risk": explain_risk,
    "allocations": explain_allocations,
    "benchmark": explain_benchmark,
    "cash": explain_cash,
}
