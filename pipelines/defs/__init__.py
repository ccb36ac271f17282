"""Dagster: assets, checks, schedules, sensors, resources and IO managers, by concept.

Belongs here: orchestration only. Does not: arithmetic, SQL, parsing, HTTP; each asset calls one function that a test
can call without Dagster.
"""
