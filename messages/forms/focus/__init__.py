"""Forms of what helps those who solve a case; importing this package registers them."""

from messages.forms.focus import lead

__all__ = ["lead"]
