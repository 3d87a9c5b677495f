"""Figures over many cases: read from the store, kept for closed cases, opened by a link."""
