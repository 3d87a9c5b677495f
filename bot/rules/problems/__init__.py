"""The rules of a problem that many customers have."""
