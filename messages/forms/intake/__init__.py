"""Forms about what arrives: candidates and calls, customers' channels, held mail, reviews."""

from messages.forms.intake import candidates, connections, held_mail, reviews

__all__ = ["candidates", "connections", "held_mail", "reviews"]
