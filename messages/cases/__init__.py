"""Messages about a case."""
