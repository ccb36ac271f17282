"""What is stored, and the only code that opens it."""
