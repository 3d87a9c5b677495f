"""The form that escalates, where the report may be one that is there already.

The customer's live cases are shown once the customer is chosen, and whether it is one of them is
asked; what was sent without that answer is asked once more, with all that was typed. A message or a
ticket that has a live case leaves nothing to choose.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rules.facts import CandidateFacts, CaseFacts, PersonFacts
from bot.rules.lifecycle import OPEN
from bot.rules.policy.routing import find_route, suggest_component
from handlers.forms import fields
from handlers.forms.composer import next_turn
from handlers.forms.drawing import View
from handlers.forms.fields import name_of
from handlers.forms.prefill import must_have_case, whole_number
from handlers.forms.prepare import read_opening
from handlers.ports import Services
from handlers.reading_ports import SameSource
from handlers.slack.requests import Asked, Body
from messages.forms.inputs import FormContext
from messages.forms.open_case import ELSE, open_cases, severity_input
from messages.kit.blocks import Block

NEW_CUSTOMER = "new"  # the kind of a customer who was typed
KEPT = ("type", "callback_id", "title", "submit", "close", "private_metadata", "blocks")

Fields = Mapping[str, Any]
Fresh = Mapping[str, Block | Sequence[Block]]


async def fill_opening(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The customer's report came now, unless another time is chosen.

    Of a message that has a live case: that case, chosen already, and its customer. Of what waits
    for a decision (``candidate``): what is known of it. Raises UserError ``no_such_candidate``.
    """
    typed = {"reported_at": services.clock.now(), **prefill}
    if prefill.get("candidate") is not None:
        found = await services.intake.candidate(viewer.user_id, whole_number(prefill, "candidate"))
        cases = await services.intake.cases_of(viewer.user_id, found.id) if found.customer else None
        return {**typed, **_known_of(found), "cases": cases}
    message = str(prefill.get("source_link") or "")
    same = await services.intake.same_source(viewer.user_id, message, "") if message else None
    if same is None:
        return typed
    about = same.case
    customer = {"customer": about.customer, "account": about.account.key if about.account else ""}
    return {**typed, **customer, "known": about, "way": same.way, "same_as": str(about.number)}


async def fill_component(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """``components``, the names of the policy, and the one that was typed, or the case has."""
    routing = services.policy.routing
    typed = find_route(routing, str(prefill.get("component") or ""))
    known = typed.component if typed else case.component if case else ""
    return {**prefill, "components": list(routing), "component": known}


async def fill_new_case(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """As ``fill_opening``, with the components; the one that the stake names is chosen already."""
    known = await fill_opening(services, case, viewer, prefill)
    routing = services.policy.routing
    suggested = suggest_component(routing, str(known.get("stake") or ""))
    return {"component": suggested, **known, "components": list(routing)}


def _known_of(found: CandidateFacts) -> dict[str, Any]:
    """The fields that a candidate fills; a customer with an account is named by it."""
    return {
        "customer": found.customer or None,
        "account": found.account.key if found.account else "",
        "stake": found.stake,
        "trigger": found.trigger.value,
        "severity": str(found.severity.value),
        "contact_name": found.contact_name,
        "contact_email": found.contact_email,
        "language": found.language.value,
        "reported_at": found.happened_at,
        "sensitive": ["true"] if found.sensitive else None,
    }


async def fill_candidate(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The candidate, ``found``, and the live cases of its customer, ``cases``.

    Raises UserError ``no_such_candidate``, and ``stale`` where none is named.
    """
    number = whole_number(prefill, "candidate")
    found = await services.intake.candidate(viewer.user_id, number)
    cases = await services.intake.cases_of(viewer.user_id, number)
    return {**prefill, "found": found, "cases": cases, "told": prefill.get("told") or "nothing"}


async def fill_log(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The candidate, ``found``, and the known issues that customers wait for, ``issues``.

    Raises UserError as ``fill_candidate`` does.

    Only issues that some customer waits for are offered.
    """
    number = whole_number(prefill, "candidate")
    found = await services.intake.candidate(viewer.user_id, number)
    issues = [each for each in await services.known_issues.listed() if each.waited_for]
    return {**prefill, "found": found, "issues": issues}


async def fill_merge(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The customer's other open cases, ``others``; raises UserError ``no_such_case``.

    Of a customer without an account, those under the same name. Only cases that the viewer may see,
    and that are open.
    """
    about = must_have_case(case)
    key = about.account.key if about.account else ""
    found = await services.intake.live_cases(viewer.user_id, key, about.customer)
    others = [each for each in found if each.number != about.number and each.status in OPEN]
    return {**prefill, "others": others}


async def ask_same(
    services: Services, asked: Asked, view: Body, given: dict[str, Any]
) -> View | None:
    """The form once more with the cases that this may be; None where that is answered, or none is.

    It is asked again where what was chosen is not among them any more. Raises BadFields for what
    is wrong in the form, which is told before.
    """
    chosen = given.get("same_as")
    shown = [name_of(block.get("block_id")) for block in view.get("blocks") or ()]
    if "cases" not in shown:  # drawn by an earlier version: there is no place for the question
        return None
    if chosen == ELSE:  # the same ticket is the same case all the same, which the answer then says
        return None
    fields.build_intent("open_case", await read_opening(services, dict(given)))  # mistakes first
    same = await _same_source(services, asked, given)
    found = [same.case] if same else await find_open_cases(services, asked, given)
    known = {str(case.number) for case in found or ()}
    if chosen in known or (chosen is None and not known):
        return None
    viewer = await services.person(asked.user)
    written = {name: value for name, value in given.items() if name != "same_as"}
    written |= {"same_as": str(same.case.number)} if same else {}
    draft = FormContext("open_case", viewer.language, viewer, None, written)
    return with_blocks(
        view,
        {
            "same_as": [],
            "cases": open_cases(draft, found, same.way if same else "", _turn(view)),
            "severity": severity_input(draft),
        },
    )


async def _same_source(services: Services, asked: Asked, given: Fields) -> SameSource | None:
    """The live case of the message or the ticket that the form names; None if it names none."""
    message, ticket = str(given.get("source_link") or ""), str(given.get("ticket_url") or "")
    if not message and not ticket:
        return None
    return await services.intake.same_source(asked.user, message, ticket)


def _turn(view: Body) -> int:
    """What the question is drawn afresh under: its choices are others, so no old one is kept."""
    return next_turn(view, "same_as") + 1


async def find_open_cases(
    services: Services, asked: Asked, given: Fields
) -> Sequence[CaseFacts] | None:
    """The chosen customer's live cases that the person may see; None without a customer."""
    kind, _, value = str(given.get("customer") or "").partition(":")
    if kind == "account":
        account = await services.reading.account(value)
        name = account.name if account else ""
        return await services.intake.live_cases(asked.user, value, name)
    return await services.intake.live_cases(asked.user, "", value) if kind == NEW_CUSTOMER else None


async def redraw_cases(
    services: Services, asked: Asked, view: Body, given: Fields, draft: FormContext
) -> dict[str, Block | Sequence[Block]]:
    """The cases of the customer who was just chosen, in place of those of the one before.

    Where the report came from a place that has a case, that stays.
    """
    if await _same_source(services, asked, given):
        return {}
    found = await find_open_cases(services, asked, given)
    return {"same_as": [], "cases": open_cases(draft, found, "", _turn(view))}


async def redraw_severity(
    services: Services, asked: Asked, view: Body, given: dict[str, Any]
) -> View:
    """A report that is added to a case needs no severity of its own; another one does.

    Nothing else in the form changes, and nothing is asked of the store but who the viewer is.
    """
    viewer = await services.person(asked.user)
    draft = FormContext("open_case", viewer.language, viewer, None, given)
    return with_blocks(view, {"severity": severity_input(draft)})


def with_blocks(view: Body, fresh: Fresh) -> View:
    """The view with these blocks in place of those that have their name; an empty list: without.

    Only what ``views.update`` takes is kept (``KEPT``): Slack refuses a view with its own fields. A
    block of ``fresh`` that the view lacks is not added.
    """
    blocks: list[Any] = []
    for block in view.get("blocks") or ():
        put = fresh.get(name_of(block.get("block_id")), block)
        blocks += [put] if isinstance(put, Mapping) else put
    return {key: view[key] for key in KEPT if view.get(key) is not None} | {"blocks": blocks}
