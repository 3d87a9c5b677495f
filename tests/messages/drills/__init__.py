"""What is said of drills."""
