"""The code location's definitions, loaded once, for what loads them by their module again and again."""

from pipelines import definitions

defs = definitions.defs()
