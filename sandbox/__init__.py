"""A local Slack workspace that a bot cannot tell from Slack."""
