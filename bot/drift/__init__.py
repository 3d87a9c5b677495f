"""Where Slack differs from what the store says."""
