"""Correcting what a case says."""
