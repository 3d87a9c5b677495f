"""What a form opens with beyond what was typed: approved texts, and the one thing meant.

Every function here is a ``Prefill``: it reads, changes nothing, and answers all values that the
drawing may use, under the names that ``messages.forms`` documents.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.errors import UserError
from bot.intake.reviews.verbs import site_of_link
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.letters import chosen_letter
from bot.rules.lifecycle import unheard_lead
from bot.rules.states import ApprovalState
from bot.rules.words import MessageKind, ResolutionType, Role
from handlers.ports import Services

WORDS_LAST = timedelta(days=365)  # suggested life of new words

Fields = Mapping[str, Any]
Prefill = Callable[[Services, CaseFacts | None, PersonFacts, Fields], Awaitable[dict[str, Any]]]
"""Answers what was typed with what is known beneath it, by field: what was written stays."""


async def keep_typed(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """Nothing is known beyond what was typed."""
    return dict(prefill)


async def fill_review(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The review site, by the link that was typed."""
    site = site_of_link(str(prefill.get("link") or ""))
    return {"source": site.value, **prefill} if prefill.get("link") else dict(prefill)


async def fill_words(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The newest words of the kind and language, to be changed, and a year from now.

    ``body`` is empty where there are none; ``expires`` is a date in UTC.
    """
    return {**await _words(services, prefill), **prefill}


async def fill_message(
    verb: str, services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The composer of ``update`` or ``resolve``: text, promise, and who must approve.

    A workaround is that of the solved case whose solution is tried, unless it is known.
    From beneath to above: what ``Services.draft`` suggests for the kind, the stored draft ``draft``
    (an id), the answer ``reply`` (an id) that a colleague sent, what was typed; in the form that
    resolves, above the suggestion, the letter that waits. ``kind`` is always set.

    Raises UserError ``no_such_case`` without a case, and ``no_such_draft`` for a draft that is
    gone. ``lead`` is in the form that resolves alone, the id of the technical lead or None;
    ``fix_owner`` (an id) and ``fix_due`` (a date) are there too.
    """
    case = must_have_case(case)
    stored = await _stored(services, case, viewer, prefill.get("draft"))
    there = await _there(services, case, viewer, prefill.get("reply"))
    known = {**_kept(verb, case, prefill), **stored, **there, **prefill}
    kind = kind_for(verb, case, known.get("kind"))
    resolution = resolution_for(verb, case, known.get("type"))
    drawn = await services.draft(kind, case, viewer, resolution)
    if kind is MessageKind.WORKAROUND and not known.get("workaround"):
        known["workaround"] = " ".join((await services.learning.tried(case.number)).split())
    more = _fix(verb, services, case) | _lead(verb, case, viewer)
    return {**drawn, **more, **known, "kind": kind.value}


def _fix(verb: str, services: Services, case: CaseFacts) -> dict[str, Any]:
    """Who fixes what a workaround covers, and by when, unless others are chosen."""
    if verb != "resolve":
        return {}
    owner = case.roles.get(Role.TECHNICAL_LEAD, case.owner)
    return {"fix_owner": owner, "fix_due": services.action_due(case.severity)}


def _kept(verb: str, case: CaseFacts, given: Fields) -> Mapping[str, Any]:
    """The letter that waits with its resolution, unless another kind of resolution is chosen."""
    if verb != "resolve" or case.letter is None:
        return {}
    kept = {name: value for name, value in case.letter.fields.items() if value}
    return kept if given.get("type") in (None, kept["type"]) else {}


def _lead(verb: str, case: CaseFacts, viewer: PersonFacts) -> dict[str, Any]:
    """The technical lead who confirms the resolution before the customer is told: ``lead``."""
    free = case.letter is not None and case.letter.free
    waits = verb == "resolve" and not free
    return {"lead": unheard_lead(case, viewer.user_id)} if waits else {}


async def fill_leaving(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The viewer's cases with their summaries, ``cases``, and who is on duty next, ``heir``."""
    found = await services.duty.leaving(viewer.user_id)
    return {**prefill, "cases": found.cases, "heir": found.heir}


async def fill_due(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The day by which an action item is due by the policy, unless one is known: ``due``.

    Raises UserError ``no_such_case``; which day it is depends on the severity of the case.
    """
    return {"due": services.action_due(must_have_case(case).severity), **prefill}


async def fill_draft(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The message that waits for approval; raises UserError ``stale``, ``no_such_draft``.

    ``shown`` is the draft; ``digest`` that of the button pressed, so that an approval of words that
    have changed since is refused.
    """
    number = must_have_case(case).number
    shown = await services.reading.draft(number, viewer.user_id, whole_number(prefill, "draft"))
    return {**prefill, "shown": shown, "digest": prefill.get("digest") or shown.digest}


async def fill_action(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The action item meant; raises UserError ``which_action`` where that is not clear.

    It is clear when its id is given, or when the case has exactly one that is open. Where its issue
    is done, the page of that is the evidence to begin with.
    """
    about = must_have_case(case)
    which = _action(about, prefill.get("action"))
    done = [a.bug.url for a in about.actions if a.id == which and a.bug and a.bug.is_done]
    evidence = prefill.get("evidence") or "".join(done)
    return {**prefill, "action": which, **({"evidence": evidence} if evidence else {})}


async def fill_refusal(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The answer to a handover is no: accepting needs no form."""
    return {**prefill, "accept": prefill.get("accept") or False}


def must_have_case(case: CaseFacts | None) -> CaseFacts:
    """The case; raises UserError ``no_such_case`` where there is none."""
    if case is None:
        raise UserError("no_such_case")
    return case


async def _stored(
    services: Services, case: CaseFacts, viewer: PersonFacts, draft: object
) -> Mapping[str, Any]:
    """The form that a stored draft came from; a promise that has passed is made anew.

    ``approved_by`` is set only while the draft is approved. Empty where no draft is named.

    A promise is stored as ISO 8601 and comes back as an instant. The fields are those that the form
    was sent with, without those that are None.
    """
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
    """What a colleague answered in the ticket, to be recorded as they sent it.

    ``text``, ``route``, ``link`` and ``sent_at``; empty where ``reply`` is no id, or no such
    answer.
    """
    if not isinstance(reply, int):
        return {}
    return await services.reading.answered_there(case.number, viewer.user_id, reply)


async def _words(services: Services, prefill: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest words of the kind and language, to be changed, and a year from now."""
    wanted = (prefill.get("kind"), prefill.get("language"))
    found = await services.reading.templates()
    body = next((each.body for each in found if (each.kind, each.language) == wanted), "")
    return {"body": body, "expires": (services.clock.now() + WORDS_LAST).date()}


def whole_number(fields: Mapping[str, Any], name: str) -> int:
    """A whole number that a button carries; raises UserError ``stale`` for anything else.

    It is missing on buttons of an older version, which still stand in channels.
    """
    value = fields.get(name)
    if not isinstance(value, int):
        raise UserError("stale")
    return value


def kind_for(verb: str, case: CaseFacts, chosen: object = None) -> MessageKind:
    """The kind chosen, else the one that is due (``bot/rules/letters.py``).

    A resolution is always told as one, whatever was chosen.
    """
    return MessageKind.RESOLUTION if verb == "resolve" else chosen_letter(case, chosen)


def resolution_for(verb: str, case: CaseFacts, chosen: object = None) -> ResolutionType | None:
    """What the form that resolves says was done; None in any other form, and while it is open."""
    if verb != "resolve":
        return None
    known = {each.value: each for each in ResolutionType}.get(str(chosen))
    return known or case.resolution_type


def _action(case: CaseFacts, chosen: object) -> int:
    """The action item meant; the only one that is to be done need not be named."""
    still_open = [item.id for item in case.actions if item.done_at is None and not item.waits]
    if isinstance(chosen, int):
        return chosen
    if len(still_open) == 1:
        return still_open[0]
    raise UserError("which_action")
