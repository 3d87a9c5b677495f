"""What the store holds of people and customers, for how long, and what is left of it. Pure."""
