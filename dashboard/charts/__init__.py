"""Figures: a document → a Plotly figure, a module a page."""
