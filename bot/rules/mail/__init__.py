"""What a mail says, from whom it is, and what it may be made of."""
