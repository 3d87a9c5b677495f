"""What a form opens with beyond what was typed: approved texts, and the one thing meant."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.states import ApprovalState
from bot.rules.words import MessageKind
from handlers.ports import Services

WORDS_LAST = timedelta(days=365)  # suggested life of new words
COMPOSERS = frozenset({"update", "resolve"})  # the forms that offer an approved text


async def drafted(
    services: Services,
    verb: str,
    case: CaseFacts | None,
    viewer: PersonFacts,
    prefill: Mapping[str, Any],
) -> dict[str, Any]:
    """``prefill`` with the draft beneath it: what somebody already wrote stays."""
    if verb == "propose_template":
        return {**await _words(services, prefill), **prefill}
    if case is None:
        return dict(prefill)
    if verb in COMPOSERS:
        stored = await _stored(services, case, viewer, prefill.get("draft"))
        known = {**stored, **await _there(services, case, viewer, prefill.get("reply")), **prefill}
        kind = kind_for(verb, case, known.get("kind"))
        return {**await services.draft(kind, case, viewer), **known, "kind": kind.value}
    if verb == "ask_executive":
        return {**prefill, "deciders": await services.deciders()}
    if verb == "answer_draft":
        shown = await services.reading.draft(case.number, viewer.user_id, whole(prefill, "draft"))
        return {**prefill, "shown": shown, "digest": prefill.get("digest") or shown.digest}
    if verb == "action_done":
        return {**prefill, "action": _action(case, prefill.get("action"))}
    return dict(prefill)


async def _stored(
    services: Services, case: CaseFacts, viewer: PersonFacts, draft: object
) -> Mapping[str, Any]:
    """The form that a stored draft came from; a promise that has passed is made anew."""
    if not isinstance(draft, int):
        return {}
    shown = await services.reading.draft(case.number, viewer.user_id, draft)
    approved = shown.state == ApprovalState.APPROVED
    fields = {**shown.fields, "approved_by": shown.approver if approved else None}
    promised = fields.pop("next_update_at", None)
    if promised and datetime.fromisoformat(promised) > services.clock.now():
        fields["next_update_at"] = datetime.fromisoformat(promised)
    return {name: value for name, value in fields.items() if value is not None}


async def _there(
    services: Services, case: CaseFacts, viewer: PersonFacts, reply: object
) -> Mapping[str, Any]:
    """What a colleague answered in the ticket, to be recorded as they sent it."""
    if not isinstance(reply, int):
        return {}
    return await services.reading.answered_there(case.number, viewer.user_id, reply)


async def _words(services: Services, prefill: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest words of the kind and language, to be changed, and a year from now."""
    wanted = (prefill.get("kind"), prefill.get("language"))
    found = await services.reading.templates()
    body = next((each.body for each in found if (each.kind, each.language) == wanted), "")
    return {"body": body, "expires": (services.clock.now() + WORDS_LAST).date()}


def whole(fields: Mapping[str, Any], name: str) -> int:
    """A whole number that a button carries; raises UserError ``stale`` for anything else."""
    value = fields.get(name)
    if not isinstance(value, int):
        raise UserError("stale")
    return value


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
