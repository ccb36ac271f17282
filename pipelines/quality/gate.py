"""Everything that a table is held to before anybody sees it, on one look.

Belongs here: loading a small table once, and a tall one never. Does not: the declaration's check, the rules, Dagster.
"""

import datetime as dt

from pipelines.quality import declaration
from pipelines.quality.report import RuleResult
from pipelines.quality.rules import hold, hold_parts, rules_of
from warehouse.look import Look


def gate_results(look: Look, *, today: dt.date) -> list[tuple[RuleResult, bool]]:
    """Return what became of the declaration and of each rule, and whether its failure blocks.

    Args:
        look: The table.
        today: The clock's day.
    """
    rules = rules_of(look.table)
    if look.height > declaration.EXPECTED_ROWS:
        declared, held = declaration.tall_meets_declaration(look), hold_parts(rules, look, today=today)
    else:
        frame = look.rows()
        declared = declaration.meets_declaration(frame, look.table)
        held = [hold(rule, frame, today=today) for rule in rules]
    return [(declared, True), *((result, rule.blocking) for result, rule in zip(held, rules, strict=True))]
