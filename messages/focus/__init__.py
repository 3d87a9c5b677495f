"""Messages about focus and help."""
