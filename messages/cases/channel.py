"""What a case's channel says about itself: its topic and the title of its bookmark.

``bot/slack/channels.py`` writes both, in the team's language; the name of the channel is in
``bot/rules/names.py``.
"""

from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import LIVE
from bot.rules.words import Language
from messages.kit.texts import t

TOPIC_MAX = 250  # characters; Slack conversations.setTopic
# Slack reads mentions in a topic and has no escape for them there.
_NO_MENTIONS = str.maketrans({"<": "‹", ">": "›", "\n": " "})
BOOKMARK_TITLE_MAX = 256  # characters; Slack bookmarks.add


def channel_topic(case: CaseFacts, language: Language) -> str:
    """Write one line of plain text: severity, (unless restricted) the customer, and how it ended.

    Slack says each change of a topic in the channel, so it has only what seldom changes; the card
    has the rest. At most 250 characters. What was written last is kept in the store, and
    ``bot/drift`` compares it with what Slack shows.
    """
    parts = [case.reference, case.severity.label]
    if not case.sensitive:
        parts.append(case.customer.translate(_NO_MENTIONS))
    if case.status not in LIVE:
        parts.append(t(language, f"status.{case.status}"))
    return " · ".join(parts)[:TOPIC_MAX]


def bookmark_title(case: CaseFacts, language: Language) -> str:
    """Name the link to the customer's ticket, in at most 256 characters."""
    return t(language, "channel.ticket")[:BOOKMARK_TITLE_MAX]
