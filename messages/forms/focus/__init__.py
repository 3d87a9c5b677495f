"""Forms of what helps those who solve a case; importing this package registers them."""

from messages.forms.focus import lead, swarm

__all__ = ["lead", "swarm"]
