"""Erasing a person or a customer."""
