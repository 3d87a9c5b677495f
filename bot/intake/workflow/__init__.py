"""The step of Slack's Workflow Builder by which colleagues report a customer's trouble."""
