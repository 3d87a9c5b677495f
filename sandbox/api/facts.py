"""The facts of every method, condensed from Slack's public reference: ``data/methods.json``.

One row a method: bot scopes, tier, arguments with type and bounds, the method's own errors.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.state import Json

TABLE = Path(__file__).parent.parent / "data" / "methods.json"
CONVERSATION_PREFIX = {"channel": "channels:", "group": "groups:", "im": "im:", "mpim": "mpim:"}


@dataclass(frozen=True)
class MethodFacts:
    """What Slack says about one method. ``args`` maps a name to type, required, bounds."""

    name: str
    http: str
    scopes: tuple[str, ...]
    tier: str
    args: Json
    errors: frozenset[str]

    @property
    def by_conversation(self) -> bool:
        """Whether the scope depends on the kind of conversation."""
        return any(s.startswith(tuple(CONVERSATION_PREFIX.values())) for s in self.scopes)

    def scopes_for(self, kind: str) -> list[str]:
        """The scopes of which one is enough in this kind of conversation."""
        return [s for s in self.scopes if s.startswith(CONVERSATION_PREFIX[kind])]


@cache
def methods() -> dict[str, MethodFacts]:
    """All methods of the table by name."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        name: MethodFacts(
            name,
            row["http"],
            tuple(row["scopes"]),
            row["tier"],
            row["args"],
            frozenset(row["errors"]),
        )
        for name, row in table.items()
    }
