"""What a case's channel says about itself: its topic and the title of its bookmark."""

from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import LIVE
from bot.rules.words import Language
from messages.kit.texts import t

TOPIC_MAX = 250  # characters; Slack conversations.setTopic
# Slack reads mentions in a topic and has no escape for them there.
_NO_MENTIONS = str.maketrans({"<": "‹", ">": "›", "\n": " "})
BOOKMARK_TITLE_MAX = 256  # characters; Slack bookmarks.add


def channel_topic(case: CaseFacts, language: Language) -> str:
    """One line of plain text: severity, (unless sensitive) the customer, and how it ended.

    Slack says each change of a topic in the channel, so it has only what seldom changes; the
    card has the rest.
    """
    parts = [case.reference, case.severity.label]
    if not case.sensitive:
        parts.append(case.customer.translate(_NO_MENTIONS))
    if case.status not in LIVE:
        parts.append(t(language, f"status.{case.status}"))
    return " · ".join(parts)[:TOPIC_MAX]


def bookmark_title(case: CaseFacts, language: Language) -> str:
    """The name of the link to the customer's ticket."""
    return t(language, "channel.ticket")[:BOOKMARK_TITLE_MAX]
