"""Group `sources`: what providers say, staged before anything is locked."""
