"""What escalations do to customers' business, in figures. Pure."""
