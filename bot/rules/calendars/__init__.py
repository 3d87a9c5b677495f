"""When it is open, and how long that was.

``calendar`` is what the rest uses: names and the arithmetic in instants; ``office_spec`` reads and
writes one. ``open_hours`` is the same arithmetic in integers, fast.
"""
