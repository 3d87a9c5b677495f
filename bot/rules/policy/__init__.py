"""What the organisation decides, read from its file."""
