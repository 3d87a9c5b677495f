"""When it is open, and how long that was."""
