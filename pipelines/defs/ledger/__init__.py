"""Group `ledger`: mirrors of what people state."""
