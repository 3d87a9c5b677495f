"""One problem that many customers have."""
