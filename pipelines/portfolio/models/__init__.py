"""The complete view's document: names, types and units that scripts and pages rely on.

Belongs here: the pydantic models of DESIGN 4, a file a part. Does not: any computation.
Money, prices and quantities are exact and become strings in JSON; ratios are numbers; what cannot be known is null.
"""

from pipelines.portfolio.models.complete import SECTIONS, TOP, CompleteView, section_adapter, section_json
from pipelines.portfolio.models.heading import SCHEMA_VERSION, Completeness, Heading, Provenance, Warning_
from pipelines.portfolio.models.holdings import (
    CashBalance,
    Holding,
    JournalEntry,
    Lot,
    RealizedGain,
    SalePreview,
    Trade,
)
from pipelines.portfolio.models.income import (
    Income,
    IncomeDue,
    IncomeExpected,
    IncomeMonth,
    IncomeProjected,
    IncomeReceived,
    IncomeSymbol,
    IncomeTotals,
)
from pipelines.portfolio.models.performance import (
    AllocationRow,
    Attribution,
    Benchmark,
    BenchmarkDay,
    Contribution,
    Drawdown,
    MonthlyReturn,
    Mover,
    Performance,
    PerformanceDay,
    PerformancePeriod,
    Risk,
    Summary,
)
from pipelines.portfolio.models.rows import Rows
from pipelines.portfolio.models.values import CostMethod, Exact, Model, Money, Quantity, Rate, Ratio, Status, plain

__all__ = [
    "SCHEMA_VERSION",
    "SECTIONS",
    "TOP",
    "AllocationRow",
    "Attribution",
    "Benchmark",
    "BenchmarkDay",
    "CashBalance",
    "CompleteView",
    "Completeness",
    "Contribution",
    "CostMethod",
    "Drawdown",
    "Exact",
    "Heading",
    "Holding",
    "Income",
    "IncomeDue",
    "IncomeExpected",
    "IncomeMonth",
    "IncomeProjected",
    "IncomeReceived",
    "IncomeSymbol",
    "IncomeTotals",
    "JournalEntry",
    "Lot",
    "Model",
    "Money",
    "MonthlyReturn",
    "Mover",
    "Performance",
    "PerformanceDay",
    "PerformancePeriod",
    "Provenance",
    "Quantity",
    "Rate",
    "Ratio",
    "RealizedGain",
    "Risk",
    "Rows",
    "SalePreview",
    "Status",
    "Summary",
    "Trade",
    "Warning_",
    "plain",
    "section_adapter",
    "section_json",
]
