"""Messages about a problem that many customers have."""
