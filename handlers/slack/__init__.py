"""What arrives from Slack: actions, forms, events, shortcuts."""
