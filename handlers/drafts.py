"""What a composer opens with: the approved text of the right kind, in the customer's language."""

from collections.abc import Mapping
from typing import Any

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import MessageKind
from handlers.ports import Desk

COMPOSERS = frozenset({"update", "resolve"})  # the forms that offer an approved text


def kind_for(verb: str, case: CaseFacts, chosen: object = None) -> MessageKind:
    """The kind chosen, else the one that is due: first the acknowledgement, then updates."""
    if verb == "resolve":
        return MessageKind.RESOLUTION
    if chosen in list(MessageKind):
        return MessageKind(str(chosen))
    return MessageKind.UPDATE if case.sent else MessageKind.ACKNOWLEDGEMENT


async def drafted(
    desk: Desk, verb: str, case: CaseFacts | None, viewer: PersonFacts, prefill: Mapping[str, Any]
) -> dict[str, Any]:
    """``prefill`` with the draft beneath it: what somebody already wrote stays."""
    if verb not in COMPOSERS or case is None:
        return dict(prefill)
    kind = kind_for(verb, case, prefill.get("kind"))
    return {**await desk.draft(kind, case, viewer), **prefill, "kind": kind}
