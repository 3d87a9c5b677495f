"""What we say, and the one way to talk to Slack."""
