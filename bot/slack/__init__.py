"""Making Slack show what was decided: channels, cards, posts."""
