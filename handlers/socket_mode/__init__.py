"""Our own Socket Mode client."""
