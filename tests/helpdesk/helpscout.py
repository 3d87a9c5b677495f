"""The double of Help Scout: the account of ``sandbox.helpdesk``, read as its customers read it."""

from bot.rules.mail.html_text import html_text
from sandbox.helpdesk.helpscout import HelpScout
from tests.helpdesk.double import Double


class HelpScoutDouble(HelpScout, Double):
    """An account at Help Scout."""

    def replies(self, ticket: int = 5) -> list[str]:
        """What we wrote."""
        threads = self.conversations[ticket].threads
        ours = [t for t in threads if t["type"] == "message" and t["source"]["type"] == "api"]
        return [html_text(thread["body"]) for thread in ours]

    def notes(self, ticket: int = 5) -> list[str]:
        """The notes that we left."""
        threads = self.conversations[ticket].threads
        ours = [t for t in threads if t["type"] == "note" and t["source"]["type"] == "api"]
        return [html_text(thread["body"]) for thread in ours]
