"""What a form opens with beyond what was typed: approved texts, and the one thing meant."""

from collections.abc import Mapping
from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import MessageKind
from handlers.ports import Desk

COMPOSERS = frozenset({"update", "resolve"})  # the forms that offer an approved text


async def drafted(
    desk: Desk, verb: str, case: CaseFacts | None, viewer: PersonFacts, prefill: Mapping[str, Any]
) -> dict[str, Any]:
    """``prefill`` with the draft beneath it: what somebody already wrote stays."""
    if case is None:
        return dict(prefill)
    if verb in COMPOSERS:
        kind = kind_for(verb, case, prefill.get("kind"))
        return {**await desk.draft(kind, case, viewer), **prefill, "kind": kind.value}
    if verb == "action_done":
        return {**prefill, "action": _action(case, prefill.get("action"))}
    return dict(prefill)


def kind_for(verb: str, case: CaseFacts, chosen: object = None) -> MessageKind:
    """The kind chosen, else the one that is due: first the acknowledgement, then updates."""
    if verb == "resolve":
        return MessageKind.RESOLUTION
    if chosen in list(MessageKind):
        return MessageKind(str(chosen))
    return MessageKind.UPDATE if case.sent else MessageKind.ACKNOWLEDGEMENT


def _action(case: CaseFacts, chosen: object) -> int:
    """The action item meant; the only open one need not be named."""
    still_open = [item.id for item in case.actions if item.done_at is None]
    if isinstance(chosen, int):
        return chosen
    if len(still_open) == 1:
        return still_open[0]
    raise UserError("which_action")
