"""Who acts, and where their private answer goes."""

from dataclasses import asdict, dataclass
from typing import Any

SYSTEM = "system"  # the actor of what the desk does by itself


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts; ``source`` says from where: command, button, form, event, cli, clock."""

    user_id: str
    source: str


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where a private answer goes: the response URL, else the channel, else a DM."""

    user_id: str
    channel_id: str | None = None
    response_url: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What the inbox stores."""
        return asdict(self)
