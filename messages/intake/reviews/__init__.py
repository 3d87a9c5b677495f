"""What is said of public reviews: the list of those that wait for a reply, and notices."""
