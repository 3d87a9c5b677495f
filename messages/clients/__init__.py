"""The ways out: Slack, SMTP, help desks."""
