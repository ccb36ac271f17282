"""What a table must satisfy before anybody sees it: its declaration, and what is true of every market.

Belongs here: Great Expectations suites built from declarations, business rules, and what a broken rule says.
Does not: Dagster (`pipelines.defs.checks` turns rules into blocking checks), storage of the results (`warehouse.ops`).
"""

from pipelines.quality.declaration import MEETS_DECLARATION, meets_declaration
from pipelines.quality.gate import gate_results
from pipelines.quality.report import RuleResult
from pipelines.quality.rules import RULES, Rule, hold, rules_of

__all__ = ["MEETS_DECLARATION", "RULES", "Rule", "RuleResult", "gate_results", "hold", "meets_declaration", "rules_of"]
