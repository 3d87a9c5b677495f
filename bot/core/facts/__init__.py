"""What is known of a case beside its own row: facts that a snapshot or a count adds."""
