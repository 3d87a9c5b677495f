"""Help desks as a way in: tickets that become candidates, and what their agents are told of it."""
