"""The two kinds of error: shown to the person who acted, or logged with a reference."""

import secrets


class UserError(Exception):
    """Shown privately to the person who acted; the text under ``refusal.<key>`` says what next.

    ``facts`` fill that text.
    """

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def new_reference() -> str:
    """A short reference that joins what a person was shown with what was logged."""
    return secrets.token_hex(4)
