"""Group `market`: the master of symbols and the immutable histories."""
