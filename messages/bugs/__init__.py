"""Bugs of the developers' tracker: how one is written, and what is said of it in a case."""
