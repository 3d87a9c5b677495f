"""Slack's way to say no."""

from typing import Any


class SlackError(Exception):
    """An answer with ``ok: false``: ``code`` is Slack's, ``extra`` goes into the body beside it.

    A person's action raises it too; the page shows the code's words.
    """

    def __init__(self, code: str, **extra: Any) -> None:
        """``extra``: for example ``needed="chat:write", provided="commands"``."""
        super().__init__(code)
        self.code = code
        self.extra: dict[str, Any] = extra


def invalid_arguments(*messages: str) -> SlackError:
    """``invalid_arguments`` with its reasons where Slack puts them."""
    return SlackError(
        "invalid_arguments", response_metadata={"messages": [f"[ERROR] {m}" for m in messages]}
    )
