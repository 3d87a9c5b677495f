"""The bot in a local workspace: beside it for tests, in the demo, in the tour."""
