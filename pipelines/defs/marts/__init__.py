"""Group `marts`: what the engine says of every portfolio."""
