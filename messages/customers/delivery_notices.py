"""The notices about messages on their way, and about tickets, as rows of the table of all notices.

``topic`` is the kind of the message, or the question that it asks.
"""

from collections.abc import Mapping

from bot.rules.words import MessageKind
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given


def _composed(facts: Facts) -> bool:
    """True for what the composer writes; a resolution is written in the form that resolves.

    ``topic`` may also name a question, which the composer does not write.
    """
    return facts["it"]["topic"] in {kind.value for kind in MessageKind} - {MessageKind.RESOLUTION}


def _topic(facts: Facts) -> Facts:
    return {"kind": facts["it"]["topic"]}


WRITE_AGAIN = ButtonSpec("ask:update", "write_again", _topic, "primary", _composed)
UNLINK = ButtonSpec("do:unlink_ticket", "unlink")
LINK_AGAIN = ButtonSpec("ask:link_ticket", "link_again", style="primary")
RECORD_IT = ButtonSpec("ask:update", "record_it", take_given("reply"), "primary")

DELIVERY_NOTICES: Mapping[str, NoticeSpec] = {
    "mail_failed": NoticeSpec(
        ("topic", "recipient", "reason"),
        (WRITE_AGAIN,),
        {"text": "", "came_back": False, "human": True},
    ),
    "mail_waits": NoticeSpec(("recipient", "reason")),
    "ticket_linked": NoticeSpec(("desk", "url"), (UNLINK,)),
    "ticket_unlinked": NoticeSpec(("desk",)),
    "ticket_not_linked": NoticeSpec(("url",)),
    "ticket_failed": NoticeSpec(("topic", "desk", "reason", "text"), (WRITE_AGAIN,)),
    "ticket_waits": NoticeSpec(("desk", "reason")),
    "ticket_unreadable": NoticeSpec(("desk", "reason"), (LINK_AGAIN,)),
    "colleague_replied": NoticeSpec(("desk", "at", "summary", "url", "reply"), (RECORD_IT,)),
    "slack_failed": NoticeSpec(("topic", "reason", "text"), (WRITE_AGAIN,), {"fault": ""}),
}
