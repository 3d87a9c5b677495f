"""Clocks in words and in pictures."""
