"""The composer's second look: brackets and stops at the field, advice shown once, a preview.

A finding either stops (the message cannot be sent like this) or advises. Advice is shown once: its
mark travels in the form's hidden ``warned``, and the same finding lets the next submission pass.
The judgement itself is in ``bot.customers.check``.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from bot.cases.resolve import Resolve
from bot.customers.outgoing import BY_US
from bot.customers.updates import Update
from bot.errors import UserError
from bot.rules.facts import CaseFacts, Composed, PersonFacts
from bot.rules.tone.lint import Finding, Rule
from bot.rules.words import MessageKind
from handlers.forms import fields
from handlers.forms.drawing import View, draw_form
from handlers.forms.fields import BadFields, FieldError
from handlers.forms.prefill import fill_message, kind_for, resolution_for
from handlers.ports import Services
from handlers.slack.requests import Asked, Body
from messages.forms.composer_checks import say_gap
from messages.kit.blocks import fit_plain

STOPS_SHOWN = 3  # reasons at one field; more would not be read
QUOTE_MAX = 80  # characters of what was found, at a field
WARNED_MAX = 40  # findings remembered as shown
SPOKEN = "phone"  # the route by which no greeting is written
MARK = 8  # hexadecimal characters that tell findings apart


async def advised_update(
    services: Services, asked: Asked, view: Body, given: dict[str, Any]
) -> View | None:
    """The form once more with advice beside the text; None when there is none that is new.

    Also where it was sent before the field of the chosen letter was there (``_lacks_field``).

    Money that is not approved is shown with a button that asks for it, however often it is sent.

    For ``update`` and ``resolve``. Raises BadFields for a line that is still in brackets, for what
    must not be sent and for a time that makes no sense; UserError ``no_such_case``. Nothing is
    stored.

    What the customer has already is taken without being judged here.
    """
    verb = str(view.get("callback_id"))
    intent = fields.build_intent(verb, given)
    if not isinstance(intent, Update | Resolve):
        raise UserError("stale")
    fields.check_times(intent, services.clock.now())
    lacking = _lacks_field(intent)
    if intent.already_sent and not lacking:  # a stop is marked when it is recorded
        return None
    viewer = await services.person(asked.user)
    case = await services.reading.case(intent.case, asked.user)
    if lacking:
        return await _drawn(services, asked, view, given, case, viewer, ())
    message = _composed(verb, case, intent)
    if left := await services.left_open(message):
        raise BadFields([FieldError("text", "brackets", {"found": ", ".join(left)})])
    found = await services.judge(message, case, viewer)
    if stopping := [each for each in found if each.stops or _must_say(each, intent.route)]:
        if any(finding.uncovered and finding.uncovered.amount for finding in stopping):
            return await _drawn(services, asked, view, given, case, viewer, found)
        raise BadFields([_stop(each, viewer) for each in stopping[:STOPS_SHOWN]])
    warned = set(given.get("warned") or ())
    if all(finding_mark(finding) in warned for finding in found if _holds(finding, intent.route)):
        return None
    return await _drawn(services, asked, view, given, case, viewer, found)


def _must_say(finding: Finding, route: str) -> bool:
    """True for what a first response does not confirm, where the app itself sends it."""
    return finding.rule is Rule.FIRST_RESPONSE and route in BY_US


def _lacks_field(intent: Update | Resolve) -> bool:
    """True for a workaround's letter without the workaround, which the form requires once drawn.

    Slack sends the form as it was when the letter was chosen and the button pressed at once, before
    it was drawn again; the clock of the workaround would run on and no person would be told.
    """
    workaround = isinstance(intent, Update) and intent.kind is MessageKind.WORKAROUND
    return workaround and not getattr(intent, "workaround", "")


def _holds(finding: Finding, route: str) -> bool:
    """True for advice that is shown before the form is taken.

    What a first response does not confirm is, where the app sends it. What the customer has by
    another way is recorded at once, and the record says what it lacks.
    """
    return finding.rule is not Rule.FIRST_RESPONSE or route in BY_US


async def composer_view(
    services: Services, asked: Asked, view: Body, given: dict[str, Any]
) -> View:
    """The form with a preview of what stands in it, and with everything found in it.

    Shows stops too, and refuses nothing: it is drawn while the writer still writes. Raises
    UserError ``stale`` for a form without a case, or ``no_such_case``.
    """
    if not isinstance(given.get("case"), int):
        raise UserError("stale")
    viewer = await services.person(asked.user)
    case = await services.reading.case(given["case"], asked.user)
    verb = str(view.get("callback_id"))
    kind = kind_for(verb, case, given.get("kind"))
    promised = given.get("next_update_at")
    message = Composed(
        kind,
        str(given.get("text") or ""),
        str(given.get("recipient") or ""),
        promised,
        given.get("route") == SPOKEN,
        str(given.get("route") or ""),
        resolution_for(verb, case, given.get("type")),
    )
    found = await services.judge(message, case, viewer)
    return await _drawn(services, asked, view, given, case, viewer, found)


def _composed(verb: str, case: CaseFacts, intent: Update | Resolve) -> Composed:
    """The message as the judgement reads it; a resolution promises no next update."""
    kind = intent.kind if isinstance(intent, Update) else kind_for(verb, case)
    promised = intent.next_update_at if isinstance(intent, Update) else None
    spoken = intent.route == SPOKEN
    resolution = intent.type if isinstance(intent, Resolve) else None
    return Composed(kind, intent.text, intent.recipient, promised, spoken, intent.route, resolution)


async def _drawn(
    services: Services,
    asked: Asked,
    view: Body,
    given: dict[str, Any],
    case: CaseFacts,
    viewer: PersonFacts,
    found: Sequence[Finding],
) -> View:
    """Draw the composer again with what was typed and found.

    Its text gets another block id (``next_turn``), since Slack would keep the old block as it was.
    Only advice is marked as shown: a stop is never passed by sending it again.
    """
    verb = str(view.get("callback_id"))
    known = await fill_message(verb, services, case, viewer, given)
    advice = [finding for finding in found if not finding.stops]
    shown = [*(given.get("warned") or ()), *(finding_mark(finding) for finding in advice)]
    known |= {
        "revision": next_turn(view),
        "findings": tuple(found),
        "preview": True,
        "warned": list(dict.fromkeys(shown))[-WARNED_MAX:],
    }
    form_id = str(given.get("form", ""))
    return draw_form(verb, viewer, case, known, form_id=form_id, carried=given)


def finding_mark(finding: Finding) -> str:
    """Eight hexadecimal characters by which a finding is known again when the form comes back.

    Of its rule and its quote, not of its place: words before it may change.
    """
    said = f"{finding.rule.value}|{finding.quote}"
    return hashlib.sha256(said.encode()).hexdigest()[:MARK]


def next_turn(view: Body, name: str = "text") -> int:
    """How often an input was drawn afresh: the number after ``~`` in its block's id, or 0."""
    ids = [str(block.get("block_id")) for block in view.get("blocks") or ()]
    turns = [each.partition("~")[2] for each in ids if fields.name_of(each) == name]
    return next((int(each) for each in turns if each.isdecimal()), 0)


def _stop(finding: Finding, viewer: PersonFacts) -> FieldError:
    """The stop at the field ``text``: its quote, if it has one, and what would be better."""
    better = say_gap(finding, viewer.language, viewer.timezone) or finding.suggestion
    facts = {"quote": fit_plain(finding.quote, QUOTE_MAX), "better": better}
    return FieldError("text", "tone_stop" if finding.quote else "tone_missing", facts)
