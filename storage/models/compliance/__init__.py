"""What was deleted by rule, and when: the tables of retention."""
