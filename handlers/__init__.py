"""How work arrives: Slack listeners and web routes, thin."""
