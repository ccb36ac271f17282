"""Providers of market data: one adapter each behind one Protocol, resilience in one place.

Belongs here: fetching and parsing, as traded and as declared. Does not: writing to the warehouse, Dagster, any clock.
"""
