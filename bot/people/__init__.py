"""Who is who in Slack, and the customers' accounts."""
