"""From sources to publications: ingestion, engine, orchestration, command line."""
