"""The web form by which customers ask for an escalation: its links, and what is sent by it."""
