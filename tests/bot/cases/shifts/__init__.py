"""Cases at the end of a shift."""
