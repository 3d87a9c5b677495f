"""What a case's channel says about itself: its topic and the title of its bookmark."""

from bot.rules.facts import CaseFacts
from bot.rules.words import Language
from messages.texts import t

TOPIC_MAX = 250  # characters; Slack conversations.setTopic
BOOKMARK_TITLE_MAX = 256  # characters; Slack bookmarks.add


def topic(case: CaseFacts, language: Language) -> str:
    """One line of plain text: severity, status, and (unless sensitive) the customer."""
    parts = [case.reference, case.severity.label, t(language, f"status.{case.status}")]
    if not case.sensitive:
        parts.append(case.customer)
    return " · ".join(parts)[:TOPIC_MAX]


def bookmark_title(case: CaseFacts, language: Language) -> str:
    """The name of the link to the customer's ticket."""
    return t(language, "channel.ticket")[:BOOKMARK_TITLE_MAX]
