"""What we decide: use cases, reminders, delivery and the schedule."""
