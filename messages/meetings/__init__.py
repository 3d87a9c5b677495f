"""What is said of meetings: calendar files, and the mails that carry them."""
