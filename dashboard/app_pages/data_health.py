"""Data health."""
