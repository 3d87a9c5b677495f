"""What the organisation decides, read from its file.

``load`` reads the TOML (``default_policy.toml`` is the complete default), with ``reader`` naming
each mistake; ``model`` is the result. ``replay`` and ``suspicious_pauses`` answer questions of
administrators about it (cli/policy.py); ``clock_events`` is what they try terms with.
"""
