"""What executives read, and what is said of what they owe a customer."""
