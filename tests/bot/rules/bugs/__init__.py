"""What of a change of a bug people hear of."""
