"""Drills: what is played, what it may do, and who finds it."""
