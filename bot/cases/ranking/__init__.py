"""In which order cases are worked on, and what customers say against it."""
