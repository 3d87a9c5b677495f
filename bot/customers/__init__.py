"""What passes between us and a customer, whatever carries it."""
