"""The workspace's page in the browser."""
