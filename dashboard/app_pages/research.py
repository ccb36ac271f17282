"""Research: to come."""
