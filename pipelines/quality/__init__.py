"""What a table must satisfy before anybody sees it: its declaration, and what is true of every market.

Belongs here: Great Expectations suites built from declarations, business rules, and what a broken rule says.
Does not: Dagster (`pipelines.defs.checks` turns rules into blocking checks), storage of the results (`warehouse.ops`).

Nothing is imported here: `rules` is for sources, too, which must not wait for what `declaration` loads.
"""
