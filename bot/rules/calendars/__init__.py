"""When it is open, and how long that was.

``calendar`` is what the rest uses: reading, names, the arithmetic in instants. ``open_hours`` is
the same in integers, fast.
"""
