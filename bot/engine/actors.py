"""Who acts, and where their private answer goes."""

from dataclasses import asdict, dataclass
from typing import Any

SYSTEM = "system"  # the actor of what the app does by itself


@dataclass(frozen=True, slots=True)
class Actor:
    """The user id of the one who acts, or ``SYSTEM``, and from where: the ``source``.

    People act by command, button, form or event; administrators by cli; the app itself by clock,
    delivery, mail, page and others. Timeline entries and the inbox keep both.
    """

    user_id: str
    source: str


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where a private answer goes: the response URL, else the channel, else a DM.

    ``response_url`` is Slack's for one interaction; it ends half an hour after that, so an answer
    that comes later takes the next way. ``pressed`` is the message whose button led here, where
    only this person sees it: ``{"channel": id, "ts": timestamp}`` of a direct message, ``{"url":
    its response URL}`` of one that is visible to them alone. It is replaced when the request is
    done.
    """

    user_id: str
    channel_id: str | None = None
    response_url: str | None = None
    pressed: dict[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the inbox stores; ``ReplyTo(**stored)`` reads it back.

        A request that came from no message is stored as the version before stored it.
        """
        stored = asdict(self)
        return stored if self.pressed else {k: v for k, v in stored.items() if k != "pressed"}
