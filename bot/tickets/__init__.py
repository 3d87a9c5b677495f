"""The help desk's ticket of a case."""
