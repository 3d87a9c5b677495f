"""What a case's channel says about itself: topic and bookmark; and what puts a channel right.

``bot/slack/channels.py`` writes topic and bookmark, in the team's language; the name of the channel
is in ``bot/rules/names.py``. ``REPAIRS`` are the buttons of notices that Slack shows a channel
differently (``notice_table``).
"""

from bot.rules.drift import EXPOSED, LOST
from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import LIVE
from bot.rules.words import Drift, Language
from messages.kit.notice_spec import ButtonSpec, Facts, take_given
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
    parts = [t(language, "drill.word")] if case.drill else []
    parts += [case.reference, case.severity.label]
    if not case.sensitive:
        parts.append(case.customer.translate(_NO_MENTIONS))
    if case.status not in LIVE:
        parts.append(t(language, f"status.{case.status}"))
    return " · ".join(parts)[:TOPIC_MAX]


def bookmark_title(case: CaseFacts, language: Language) -> str:
    """Name the link to the customer's ticket, in at most 256 characters."""
    return t(language, "channel.ticket")[:BOOKMARK_TITLE_MAX]


# -- what puts a channel right


def _drifts(facts: Facts) -> set[Drift]:
    """Return which differences the notice tells."""
    return {each.what for each in facts["it"]["found"]}


def _lost(facts: Facts) -> bool:
    """True when the channel itself cannot be used, so that only a new one may help."""
    return bool(_drifts(facts) & LOST)


def _ours(facts: Facts) -> bool:
    """True for what the app can put right in the channel that is there."""
    return not _lost(facts)


def _let_in(facts: Facts) -> bool:
    """True for a public channel that the app was taken out of: it can join again."""
    return Drift.REMOVED in _drifts(facts) and not facts["case"].private_channel


def _exposed(facts: Facts) -> bool:
    """True for a channel that others than our own people read."""
    return bool(_drifts(facts) & EXPOSED)


def _replaceable(facts: Facts) -> bool:
    """True for a lost channel in whose place any other may come."""
    return _lost(facts) and not _exposed(facts)


def _theirs(facts: Facts) -> bool:
    """True when a person first has to do something in Slack, such as unarchive or invite."""
    return _replaceable(facts) and not _let_in(facts) and Drift.DELETED not in _drifts(facts)


PUT_RIGHT = ButtonSpec("do:mend", "mend", take_given(way="same"), "primary", _ours)
COME_BACK = ButtonSpec("do:mend", "come_back", take_given(way="same"), "primary", _let_in)
LOOK_AGAIN = ButtonSpec("do:mend", "look_again", take_given(way="same"), "primary", _theirs)
NEW_CHANNEL = ButtonSpec("do:mend", "new_channel", take_given(way="new"), "", _replaceable)
MOVE_TO_PRIVATE = ButtonSpec(
    "do:mend", "move_to_private", take_given(way="new"), "primary", _exposed
)
TRY_AGAIN = ButtonSpec("do:mend", "try_again", take_given(way="same"), "primary")
ALONE_AGAIN = ButtonSpec("do:mend", "look_again", take_given(way="same"), "", _exposed)
REPAIRS = (PUT_RIGHT, COME_BACK, LOOK_AGAIN, NEW_CHANNEL, MOVE_TO_PRIVATE, ALONE_AGAIN)
