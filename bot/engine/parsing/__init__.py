"""Parsing what strangers send, in a process of its own that may be ended."""
