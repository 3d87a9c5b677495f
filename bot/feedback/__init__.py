"""What customers are asked and shown: surveys, status pages, breach calls."""
