"""Breaking things on purpose: real processes, kill -9, and a workspace that misbehaves."""
