"""Filling forms in, reading them, drawing them again."""
