"""Commands about trust: the keys that sign, and who did what from a terminal."""
