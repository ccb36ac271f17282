"""PURE engine: frames in, frames out. No database, no network, no clock, no environment."""
