"""What people work from while the app or Slack does not work."""
