"""Customers' channels in Slack (Slack Connect): which is whose, and what we say there."""
