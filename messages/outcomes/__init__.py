"""What is said of customers' business after an escalation and at a renewal."""
