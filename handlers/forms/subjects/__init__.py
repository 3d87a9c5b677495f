"""What forms open with, by subject."""
